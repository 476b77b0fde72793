#ifndef RANDOM_H
#define RANDOM_H

#include <stddef.h>
#include <stdint.h>

// Philox4x32-10: four words that follow from a counter of four and a key of two. Salmon et al., "Parallel Random
// Numbers: As Easy as 1, 2, 3", SC 2011.
void tk_philox(const uint32_t counter[4], const uint32_t key[2], uint32_t words[4]);
// y[i] = x[i]·scale, or 0 where word `first + i` of the stream is below the threshold. `first` is a multiple of 4.
void tk_dropout(const float *x, float *y, ptrdiff_t first, ptrdiff_t count, uint64_t seed, uint64_t stream,
                uint32_t threshold, float scale);

#endif
