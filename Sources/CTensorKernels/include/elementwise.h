#ifndef ELEMENTWISE_H
#define ELEMENTWISE_H

#include <stddef.h>

// y[i] = f(x[i]); x and y may be the same.
void tk_unary_exp(const float *x, float *y, ptrdiff_t count);
void tk_unary_log(const float *x, float *y, ptrdiff_t count);
void tk_unary_sqrt(const float *x, float *y, ptrdiff_t count);
void tk_unary_gelu(const float *x, float *y, ptrdiff_t count);
void tk_unary_silu(const float *x, float *y, ptrdiff_t count);
void tk_unary_sigmoid(const float *x, float *y, ptrdiff_t count);
void tk_unary_tanh(const float *x, float *y, ptrdiff_t count);
void tk_unary_relu(const float *x, float *y, ptrdiff_t count);
// y = a·x + b.
void tk_affine(const float *x, float *y, ptrdiff_t count, float a, float b);

// d[i] = f'(…)·u[i], where v is x for gelu, silu, relu and log, and y for the others. d and u may be the same.
void tk_backward_exp(const float *y, const float *u, float *d, ptrdiff_t count);
void tk_backward_log(const float *x, const float *u, float *d, ptrdiff_t count);
void tk_backward_sqrt(const float *y, const float *u, float *d, ptrdiff_t count);
void tk_backward_gelu(const float *x, const float *u, float *d, ptrdiff_t count);
void tk_backward_silu(const float *x, const float *u, float *d, ptrdiff_t count);
void tk_backward_sigmoid(const float *y, const float *u, float *d, ptrdiff_t count);
void tk_backward_tanh(const float *y, const float *u, float *d, ptrdiff_t count);
void tk_backward_relu(const float *x, const float *u, float *d, ptrdiff_t count);

// z[i] = x[i·xs] ∘ y[i·ys], where a stride is 0 or 1. z may be x or y.
void tk_binary_add(const float *x, ptrdiff_t xs, const float *y, ptrdiff_t ys, float *z, ptrdiff_t count);
void tk_binary_subtract(const float *x, ptrdiff_t xs, const float *y, ptrdiff_t ys, float *z, ptrdiff_t count);
void tk_binary_multiply(const float *x, ptrdiff_t xs, const float *y, ptrdiff_t ys, float *z, ptrdiff_t count);
void tk_binary_divide(const float *x, ptrdiff_t xs, const float *y, ptrdiff_t ys, float *z, ptrdiff_t count);
// y += a·x.
void tk_add_scaled(const float *x, float *y, ptrdiff_t count, float a);

// y[i] = x[i·xs]: gathers a strided row.
void tk_copy_strided(const float *x, ptrdiff_t xs, float *y, ptrdiff_t count);
// y[i·ys] += x[i].
void tk_add_strided(const float *x, float *y, ptrdiff_t ys, ptrdiff_t count);

// y[c·ys + r] = x[r·xs + c] for rows × columns: a matrix turned over, in blocks that fit the cache.
void tk_transpose(const float *x, ptrdiff_t xs, float *y, ptrdiff_t ys, ptrdiff_t rows, ptrdiff_t columns);

#endif
