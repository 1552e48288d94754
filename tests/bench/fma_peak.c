#include "fma_peak.h"

#if defined(__x86_64__)
#define ALL_REGISTERS                                                                                        \
    "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11",        \
        "xmm12", "xmm13", "xmm14", "xmm15"
#define FMA(reg, i) "vfmadd231ps %%" reg "14, %%" reg "15, %%" reg #i "\n"
#define FMA_TEN(reg)                                                                                         \
    __asm__ volatile(FMA(reg, 0) FMA(reg, 1) FMA(reg, 2) FMA(reg, 3) FMA(reg, 4) FMA(reg, 5) FMA(reg, 6)     \
                         FMA(reg, 7) FMA(reg, 8) FMA(reg, 9)::                                               \
                             : ALL_REGISTERS)
#define CLEAR_REGISTERS() __asm__ volatile("vzeroall" ::: ALL_REGISTERS)

bool has_fma_peak(void)
{
    return __builtin_cpu_supports("fma");
}

void run_fma_peak(double operations)
{
    bool wide = __builtin_cpu_supports("avx512f");
    CLEAR_REGISTERS();
    for (double left = operations; left > 0; left -= wide ? 3200 : 1600)
        for (int i = 0; i < 10; i++) {
            if (wide)
                FMA_TEN("zmm");
            else
                FMA_TEN("ymm");
        }
}
#elif defined(__aarch64__)
#define FMA(i) "fmla v" #i ".4s, v30.4s, v31.4s\n"

bool has_fma_peak(void)
{
    return true;
}

void run_fma_peak(double operations)
{
    for (double left = operations; left > 0; left -= 96)
        __asm__ volatile(
            FMA(0) FMA(1) FMA(2) FMA(3) FMA(4) FMA(5) FMA(6) FMA(7) FMA(16) FMA(17) FMA(18) FMA(19)::
                : "v0", "v1", "v2", "v3", "v4", "v5", "v6", "v7", "v16", "v17", "v18", "v19");
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
