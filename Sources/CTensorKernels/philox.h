// Chance that follows from a counter, sixteen counters at a time.
#ifndef PHILOX_H
#define PHILOX_H

#include "vector.h"

// Eight lanes; the compiler splits them where registers are narrower. A plain loop is left scalar by clang, whose
// choice then costs three times as much.
typedef uint32_t tk_u32x8 __attribute__((vector_size(32)));
typedef uint64_t tk_u64x4 __attribute__((vector_size(32)));

// The halves of 32-bit products; even and odd lanes are multiplied apart, as the processor does it.
#define TK_MULTIPLY_WIDE(a, m, high, low)                                                                            \
    do {                                                                                                             \
        tk_u64x4 even_ = ((tk_u64x4)(a)&0xffffffffull) * (uint64_t)(m);                                              \
        tk_u64x4 odd_ = ((tk_u64x4)(a) >> 32) * (uint64_t)(m);                                                       \
        (low) = (a) * (m);                                                                                           \
        (high) = (tk_u32x8)((even_ >> 32) | (odd_ & 0xffffffff00000000ull));                                         \
    } while (0)

#define TK_PHILOX_ROUND(c0, c1, c2, c3, k0, k1)                                                                      \
    do {                                                                                                             \
        tk_u32x8 high0_, low0_, high1_, low1_;                                                                       \
        TK_MULTIPLY_WIDE(c0, 0xD2511F53u, high0_, low0_);                                                            \
        TK_MULTIPLY_WIDE(c2, 0xCD9E8D57u, high1_, low1_);                                                            \
        (c0) = high1_ ^ (c1) ^ (k0);                                                                                 \
        (c2) = high0_ ^ (c3) ^ (k1);                                                                                 \
        (c1) = low1_;                                                                                                \
        (c3) = low0_;                                                                                                \
    } while (0)

// Philox4x32-10 of the counters (16·group + l, stream), l = 0 … 15: word w of counter l becomes words[16·w + l].
//
// Source: Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
TK_INLINE void tk_philox_group(uint64_t group, uint64_t stream, uint64_t seed, uint32_t words[64]) {
    const tk_u32x8 lanes = {0, 1, 2, 3, 4, 5, 6, 7};
    uint64_t counter = group * 16;
    tk_u32x8 a0 = lanes + (uint32_t)counter, a1 = (tk_u32x8){} + (uint32_t)(counter >> 32);
    tk_u32x8 a2 = (tk_u32x8){} + (uint32_t)stream, a3 = (tk_u32x8){} + (uint32_t)(stream >> 32);
    // Two chains hide the latency of the multiplications.
    tk_u32x8 b0 = a0 + 8, b1 = a1, b2 = a2, b3 = a3;
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    _Pragma("clang loop unroll(full)") for (int round = 0; round < 10; round++) {
        TK_PHILOX_ROUND(a0, a1, a2, a3, k0, k1);
        TK_PHILOX_ROUND(b0, b1, b2, b3, k0, k1);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    tk_u32x8 all[8] = {a0, b0, a1, b1, a2, b2, a3, b3};
    memcpy(words, all, sizeof all);
}

#endif
