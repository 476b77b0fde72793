#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

// How many words belong together: those of sixteen counters.
enum { TK_RANDOM_GROUP = 64 };

// Philox4x32-10 with the seed as its key, of the counters (16·group + l, stream), l = 0 … 15: words[16·w + l] is word w
// of counter l. Salmon et al., "Parallel Random Numbers: As Easy as 1, 2, 3", SC 2011.
void tk_philox(uint64_t group, uint64_t stream, uint64_t seed, uint32_t words[TK_RANDOM_GROUP]);
// y[i] = x[i]·scale, or 0 where word `first + i` of the stream, counted over its groups, is below the threshold.
// `first` is where a group begins. x and y may be the same.
void tk_dropout(const float *x, float *y, ptrdiff_t first, ptrdiff_t count, uint64_t seed, uint64_t stream,
                uint32_t threshold, float scale);
// y[i] = scale, or 0 where half a word is below the threshold, of 65,536: each group gives 128 numbers, the lower
// halves of its words before the upper ones.
void tk_dropout_factors(float *y, uint64_t group, ptrdiff_t count, uint64_t seed, uint64_t stream, uint32_t threshold,
                        float scale);

#endif
