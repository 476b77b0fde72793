#ifndef BLAS_H
#define BLAS_H

#include <stddef.h>

// OpenBLAS, loaded when the first product is asked for: what needs no products, such as building pages, runs without it.
//
// Its own choice of kernels is corrected where it does not know the processor: it then falls back to those of 2004, which
// are several times slower, though the processor has wide vectors. `OPENBLAS_CORETYPE` in the environment is respected.

// Returns 0, or -1 and says why in `reason`. Once per process.
int tk_blas_load(char *reason, size_t capacity);

// The kernels in use, by OpenBLAS's name of them; empty before it is loaded.
const char *tk_blas_core(void);

// result = scale·left·right + keep·result for row-major matrices whose rows are `ld` apart; rows × columns results over
// depth. An operand that is transposed lies as its columns. Only after a load that returned 0.
void tk_sgemm(int left_transposed, int right_transposed, int rows, int columns, int depth, float scale,
              const float *left, int left_ld, const float *right, int right_ld, float keep, float *result,
              int result_ld);

#endif
