#include "fma_peak.h"

/*
 * The whole loop is one piece of assembly, so that nothing of the compiler's stands in its registers: what is
 * multiplied and added is 1 and whole numbers, and no denormal ones and no NaN, with which processors are
 * slow. Two multiply-adds that start per clock and take four need eight sums that do not wait for each other;
 * here are more, as they are not spread evenly over the ports. Some AArch64 cores start four per clock.
 */
#if defined(__x86_64__)
enum { SUMS = 12, REPEATS = 4 };
#define ALL_REGISTERS                                                                                        \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",        \
        "xmm12", "xmm13", "xmm14", "xmm15"
#define FMA(reg, i) "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg #i "\n"
#define FMA_EACH(reg)                                                                                        \
    FMA(reg, 0)                                                                                              \
    FMA(reg, 1)                                                                                              \
    FMA(reg, 2)                                                                                              \
    FMA(reg, 3)                                                                                              \
    FMA(reg, 4) FMA(reg, 5) FMA(reg, 6) FMA(reg, 7) FMA(reg, 8) FMA(reg, 9) FMA(reg, 10) FMA(reg, 11)
#define LOOP(reg)                                                                                            \
    __asm__ volatile("vzeroall\n"                                                                            \
                     "vbroadcastss %1, %%" reg "14\n"                                                        \
                     "vbroadcastss %1, %%" reg "15\n"                                                        \
                     "1:\n" FMA_EACH(reg) FMA_EACH(reg) FMA_EACH(reg) FMA_EACH(reg) "dec %0\n"               \
                                                                                    "jnz 1b\n"               \
                                                                                    "vzeroupper\n"           \
                     : "+r"(rounds)                                                                          \
                     : "m"(one)                                                                              \
                     : ALL_REGISTERS, "cc")

static const float one = 1;

int fma_peak_bits(void)
{
    return __builtin_cpu_supports("avx512f") ? 512 : __builtin_cpu_supports("fma") ? 256 : 0;
}

static unsigned long rounds_for(double operations, int lanes)
{
    return (unsigned long)(operations / (2 * lanes * SUMS * REPEATS)) + 1;
}

void run_fma_peak_256(double operations)
{
    unsigned long rounds = rounds_for(operations, 8);
    LOOP("ymm");
}

void run_fma_peak(double operations)
{
    unsigned long rounds = rounds_for(operations, 16);
    if (fma_peak_bits() == 512)
        LOOP("zmm");
    else
        run_fma_peak_256(operations);
}
#elif defined(__aarch64__)
#define ZERO(i) "movi v" #i ".2d, #0\n"
#define FMA(i)  "fmla v" #i ".4s, v30.4s, v31.4s\n"
#define EACH(X)                                                                                              \
    X(0)                                                                                                     \
    X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) X(26) X(27)

int fma_peak_bits(void)
{
    return 128;
}

void run_fma_peak(double operations)
{
    unsigned long rounds = (unsigned long)(operations / (20 * 8)) + 1;
    __asm__ volatile(EACH(ZERO) "fmov v30.4s, #1.0\n"
                                "fmov v31.4s, #1.0\n"
                                "1:\n" EACH(FMA) "subs %0, %0, #1\n"
                                                 "b.ne 1b\n"
                     : "+r"(rounds)
                     :
                     : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v20",
                       "v21", "v22", "v23", "v24", "v25", "v26", "v27", "v30", "v31", "cc");
}

void run_fma_peak_256(double operations)
{
    run_fma_peak(operations);
}
#else
int fma_peak_bits(void)
{
    return 0;
}

void run_fma_peak(double operations)
{
    (void)operations;
}

void run_fma_peak_256(double operations)
{
    (void)operations;
}
#endif
