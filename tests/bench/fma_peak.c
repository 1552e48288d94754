#include "fma_peak.h"

/*
 * The whole loop is one piece of assembly, so that nothing of the compiler's stands in its registers: what is
 * multiplied and added is 1 and whole numbers, and no denormal ones, with which processors are slow.
 */
#if defined(__x86_64__)
#define ALL_REGISTERS                                                                                        \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",        \
        "xmm12", "xmm13", "xmm14", "xmm15"
#define FMA(reg, i) "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg #i "\n"
#define FMA_TEN(reg)                                                                                         \
    FMA(reg, 0)                                                                                              \
    FMA(reg, 1)                                                                                              \
    FMA(reg, 2) FMA(reg, 3) FMA(reg, 4) FMA(reg, 5) FMA(reg, 6) FMA(reg, 7) FMA(reg, 8) FMA(reg, 9)
#define LOOP(reg)                                                                                            \
    __asm__ volatile("vzeroall\n"                                                                            \
                     "vbroadcastss %1, %%" reg "14\n"                                                        \
                     "vbroadcastss %1, %%" reg "15\n"                                                        \
                     "1:\n" FMA_TEN(reg) FMA_TEN(reg) FMA_TEN(reg) FMA_TEN(reg) "dec %0\n"                   \
                                                                                "jnz 1b\n"                   \
                                                                                "vzeroupper\n"               \
                     : "+r"(rounds)                                                                          \
                     : "m"(one)                                                                              \
                     : ALL_REGISTERS, "cc")

bool has_fma_peak(void)
{
    return __builtin_cpu_supports("fma");
}

void run_fma_peak(double operations)
{
    const bool wide = __builtin_cpu_supports("avx512f");
    const float one = 1;
    unsigned long rounds = (unsigned long)(operations / (wide ? 40 * 32 : 40 * 16)) + 1;
    if (wide)
        LOOP("zmm");
    else
        LOOP("ymm");
}
#elif defined(__aarch64__)
#define ZERO(i) "movi v" #i ".2d, #0\n"
#define FMA(i)  "fmla v" #i ".4s, v30.4s, v31.4s\n"
#define EACH(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(16) X(17) X(18) X(19)

bool has_fma_peak(void)
{
    return true;
}

void run_fma_peak(double operations)
{
    unsigned long rounds = (unsigned long)(operations / (12 * 8)) + 1;
    __asm__ volatile(EACH(ZERO) "fmov v30.4s, #1.0\n"
                                "fmov v31.4s, #1.0\n"
                                "1:\n" EACH(FMA) "subs %0, %0, #1\n"
                                                 "b.ne 1b\n"
                     : "+r"(rounds)
                     :
                     : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19", "v30",
                       "v31", "cc");
}
#else
bool has_fma_peak(void)
{
    return false;
}

void run_fma_peak(double operations)
{
    (void)operations;
}
#endif
