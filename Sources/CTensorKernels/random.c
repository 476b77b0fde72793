#include "include/random.h"

#include "vector.h"

TK_INLINE void philox(uint32_t c0, uint32_t c1, uint32_t c2, uint32_t c3, uint32_t k0, uint32_t k1, uint32_t words[4]) {
    for (int round = 0; round < 10; round++) {
        uint64_t first = (uint64_t)0xD2511F53u * c0;
        uint64_t second = (uint64_t)0xCD9E8D57u * c2;
        uint32_t n0 = (uint32_t)(second >> 32) ^ c1 ^ k0;
        uint32_t n2 = (uint32_t)(first >> 32) ^ c3 ^ k1;
        c1 = (uint32_t)second;
        c3 = (uint32_t)first;
        c0 = n0;
        c2 = n2;
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    words[0] = c0;
    words[1] = c1;
    words[2] = c2;
    words[3] = c3;
}

void tk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]) {
    philox(counter[0], counter[1], counter[2], counter[3], key[0], key[1], words);
}

enum { BLOCKS = 16 };

TK_VECTOR void tk_dropout(const float *x, float *y, ptrdiff_t first, ptrdiff_t count, uint64_t seed, uint64_t stream,
                          uint32_t threshold, float scale) {
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    uint32_t c2 = (uint32_t)stream, c3 = (uint32_t)(stream >> 32);
    for (ptrdiff_t start = 0; start < count; start += 4 * BLOCKS) {
        uint32_t words[BLOCKS][4];
        uint64_t block = (uint64_t)(first + start) / 4;
        for (int b = 0; b < BLOCKS; b++)
            philox((uint32_t)(block + b), (uint32_t)((block + b) >> 32), c2, c3, k0, k1, words[b]);
        const uint32_t *word = &words[0][0];
        ptrdiff_t length = count - start < 4 * BLOCKS ? count - start : 4 * BLOCKS;
        for (ptrdiff_t i = 0; i < length; i++) y[start + i] = word[i] < threshold ? 0.0f : x[start + i] * scale;
    }
}
