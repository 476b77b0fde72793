#ifndef GATING_H
#define GATING_H

#include <stddef.h>

// y[r, c] = x[r, c]·sigmoid(x[r, columns + c]); x is 2·columns wide.
void tk_gate(const float *x, float *y, ptrdiff_t rows, ptrdiff_t columns);
// The derivative for x, given that for y.
void tk_gate_backward(const float *x, const float *u, float *d, ptrdiff_t rows, ptrdiff_t columns);

// y[i] = silu(a[i])·b[i].
void tk_silu_gate(const float *a, const float *b, float *y, ptrdiff_t count);
// The derivatives for a and b, given that for y; either may be NULL.
void tk_silu_gate_backward(const float *a, const float *b, const float *u, float *da, float *db, ptrdiff_t count);

#endif
