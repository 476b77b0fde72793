#include "include/random.h"

#include "philox.h"

void tk_philox(uint64_t group, uint64_t stream, uint64_t seed, uint32_t words[64]) {
    tk_philox_group(group, stream, seed, words);
}

// All bits where a word is at least the threshold: `x` stays, else 0, whatever x is.
TK_INLINE float kept(float x, uint32_t word, uint32_t threshold) {
    uint32_t bits;
    memcpy(&bits, &x, 4);
    bits &= -(uint32_t)(word >= threshold);
    memcpy(&x, &bits, 4);
    return x;
}

TK_VECTOR void tk_dropout(const float *x, float *y, ptrdiff_t first, ptrdiff_t count, uint64_t seed, uint64_t stream,
                          uint32_t threshold, float scale) {
    for (ptrdiff_t start = 0; start < count; start += TK_RANDOM_GROUP) {
        uint32_t words[TK_RANDOM_GROUP];
        tk_philox_group((uint64_t)(first + start) / TK_RANDOM_GROUP, stream, seed, words);
        ptrdiff_t length = count - start < TK_RANDOM_GROUP ? count - start : TK_RANDOM_GROUP;
        for (ptrdiff_t i = 0; i < length; i++) y[start + i] = kept(x[start + i] * scale, words[i], threshold);
    }
}

TK_VECTOR void tk_dropout_factors(float *y, uint64_t group, ptrdiff_t count, uint64_t seed, uint64_t stream,
                                  uint32_t threshold, float scale) {
    for (ptrdiff_t start = 0; start < count; start += 2 * TK_RANDOM_GROUP, group++) {
        uint32_t words[TK_RANDOM_GROUP];
        float factors[2 * TK_RANDOM_GROUP];
        tk_philox_group(group, stream, seed, words);
        for (int i = 0; i < TK_RANDOM_GROUP; i++) {
            factors[i] = kept(scale, words[i] & 0xffff, threshold);
            factors[i + TK_RANDOM_GROUP] = kept(scale, words[i] >> 16, threshold);
        }
        ptrdiff_t length = count - start < 2 * TK_RANDOM_GROUP ? count - start : 2 * TK_RANDOM_GROUP;
        memcpy(y + start, factors, (size_t)length * sizeof(float));
    }
}
