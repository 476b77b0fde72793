#ifndef ATTENTION_H
#define ATTENTION_H

#include <stddef.h>

// Turns a row of scores into weights that add up to 1, in place, and returns the logarithm of the sum of their
// exponentials; -infinity for no scores, or where all are -infinity (the weights are then 0).
float tk_softmax_row(float *row, ptrdiff_t count);
// x[i] = e^(x[i] - shift); 0 where the shift is -infinity.
void tk_exp_shifted(float *x, ptrdiff_t count, float shift);
// u[i] = p[i]·(u[i] - delta): from the derivative for the weights to that for the scores.
void tk_softmax_derivative(const float *p, float *u, ptrdiff_t count, float delta);
// y = x - ln Σ e^x.
void tk_log_softmax_row(const float *x, float *y, ptrdiff_t count);
// d = u - e^y·Σu.
void tk_log_softmax_derivative(const float *y, const float *u, float *d, ptrdiff_t count);
// Turns pairs (x[i], x[i + half]) by the angles whose cosines and sines are given; sign -1 turns them back.
void tk_rotate_row(const float *x, float *y, const float *cosines, const float *sines, ptrdiff_t half, float sign);

#endif
