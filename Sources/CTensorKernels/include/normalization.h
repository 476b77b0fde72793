#ifndef NORMALIZATION_H
#define NORMALIZATION_H

#include <stddef.h>

// Activations: 0 none, 1 gelu, 2 silu, 3 relu.

// y[r, c] = f((x[r, c] - mean[r])·inverse[r]·weight[c] + bias[c]), where mean and inverse deviation are the row's and
// are written, too.
void tk_layer_norm(const float *x, const float *weight, const float *bias, float epsilon, int activation, float *mean,
                   float *inverse, float *y, ptrdiff_t rows, ptrdiff_t columns);

// The derivative for x into d, where it is not NULL; those for weight and bias are added to dw and db.
void tk_layer_norm_backward(const float *x, const float *u, const float *weight, const float *bias, const float *mean,
                            const float *inverse, int activation, float *d, float *dw, float *db, ptrdiff_t rows,
                            ptrdiff_t columns);

// mean[c] = Σ_r x[r, c] / rows, squares[c] = Σ_r (x[r, c] - mean[c])²; rows is at least 1.
void tk_column_moments(const float *x, ptrdiff_t rows, ptrdiff_t columns, float *mean, float *squares);

// Takes one block's moments into those of all before it, `total` rows.
//
// Source: Chan, Golub, LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
void tk_merge_moments(double *mean, double *squares, ptrdiff_t total, const float *block_mean,
                      const float *block_squares, ptrdiff_t rows, ptrdiff_t columns);

// y[r, c] = f((x[r, c] - mean[c])·scale[c] + bias[c]).
void tk_normalize_columns(const float *x, const float *mean, const float *scale, const float *bias, int activation,
                          float *y, ptrdiff_t rows, ptrdiff_t columns);

// d = u·f'(…), where it is not NULL, and the sums over rows of that, and of that times (x - mean)·inverse.
void tk_normalize_columns_sums(const float *x, const float *u, const float *mean, const float *inverse,
                               const float *weight, const float *bias, int activation, float *d, float *sums,
                               float *products, ptrdiff_t rows, ptrdiff_t columns);

// d[r, c] = u[r, c]·scale[c] - constant[c] - (x[r, c] - mean[c])·slope[c]; u and d may be the same.
void tk_normalize_columns_backward(const float *x, const float *u, const float *mean, const float *scale,
                                   const float *constant, const float *slope, float *d, ptrdiff_t rows,
                                   ptrdiff_t columns);

// total[i] += part[i].
void tk_add_to_double(const float *part, double *total, ptrdiff_t count);

#endif
