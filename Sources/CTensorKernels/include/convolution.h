#ifndef CONVOLUTION_H
#define CONVOLUTION_H

#include <stddef.h>

// y[i, n] = keep·y[i, n] + Σ_l a[i·as + l·al]·b[l·bs + n], for rows × columns results over depth; keep is 0 or 1.
//
// A product whose left factor need not be a matrix: its rows may overlap, as the windows of a convolution do. Nothing
// is packed, so it beats BLAS where b is narrow or the sum is short.
void tk_correlate(const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys,
                  ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, int keep);

// y[(m·outputs + o)·inputs + c] = w[(o·inputs + c)·taps + first + (count - 1 - m)·step], m < count, from <= o < to:
// the taps that meet inputs of one phase, last first.
void tk_pack_phase(const float *w, float *y, ptrdiff_t from, ptrdiff_t to, ptrdiff_t outputs, ptrdiff_t inputs,
                   ptrdiff_t taps, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count);

// Rows ld apart: z += bias, result = f(z); z and result may be the same, and bias may be NULL.
void tk_finish(float *z, float *result, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t columns, const float *bias,
               int activation);

// y[t, c] = Σ_j x[t·stride + j, c]·w[j, c], everything channels wide.
void tk_depthwise(const float *x, const float *w, float *y, ptrdiff_t rows, ptrdiff_t channels, ptrdiff_t taps,
                  ptrdiff_t stride);

// d[j, c] += Σ_t u[t, c]·x[t·stride + j, c] for `count` of the channels; all three are ld wide.
void tk_depthwise_weights(const float *x, const float *u, float *d, ptrdiff_t rows, ptrdiff_t ld, ptrdiff_t count,
                          ptrdiff_t taps, ptrdiff_t stride);

// x[t·stride + j, c] += u[t, c]·w[j, c] for `count` of the channels; all three are ld wide.
void tk_depthwise_scatter(const float *u, const float *w, float *x, ptrdiff_t rows, ptrdiff_t ld, ptrdiff_t count,
                          ptrdiff_t taps, ptrdiff_t stride);

#endif
