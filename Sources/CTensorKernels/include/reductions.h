#ifndef REDUCTIONS_H
#define REDUCTIONS_H

#include <stddef.h>

float tk_sum(const float *x, ptrdiff_t count);
double tk_sum_of_squares(const float *x, ptrdiff_t count);
float tk_maximum(const float *x, ptrdiff_t count);
float tk_dot(const float *x, const float *y, ptrdiff_t count);
// y[c] += Σ_r x[r·ld + c].
void tk_add_column_sums(const float *x, ptrdiff_t ld, float *y, ptrdiff_t rows, ptrdiff_t columns);

#endif
