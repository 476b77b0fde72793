#ifndef ATTENTION_H
#define ATTENTION_H

#include <stddef.h>

// y = e^x / Σ e^x, and returns ln Σ e^x; -infinity for no scores, or where all are -infinity (y is then 0). x and y may
// be the same.
float tk_softmax_row(const float *x, float *y, ptrdiff_t count);
// ln Σ e^x; -infinity where all are.
float tk_log_sum_exp(const float *x, ptrdiff_t count);
// u[i] = p[i]·(u[i] - delta): from the derivative for the weights to that for the scores.
void tk_softmax_derivative(const float *p, float *u, ptrdiff_t count, float delta);
// y = x - ln Σ e^x; -infinity throughout where all of x is.
void tk_log_softmax_row(const float *x, float *y, ptrdiff_t count);
// d = u - e^y·Σu.
void tk_log_softmax_derivative(const float *y, const float *u, float *d, ptrdiff_t count);
// Turns pairs (x[i], x[i + half]) by the angles whose cosines and sines are given; sign -1 turns them back.
void tk_rotate_row(const float *x, float *y, const float *cosines, const float *sines, ptrdiff_t half, float sign);

// What surrounds the products of attention, for the scores of one query against a block of keys. `bias` may be NULL,
// and `factors` of dropout, too.

// Takes the scores of the next block into a softmax whose largest score and sum are known so far, begun with -infinity
// and 0: the scores become factors·e^(score + gate·bias - largest). Returns what everything before must be multiplied
// by, because the largest score has changed.
//
// Source: Milakov and Gimelshein, "Online normalizer calculation for softmax", 2018.
float tk_attention_weights(float *scores, ptrdiff_t count, const float *bias, float gate, const float *factors,
                           float *largest, float *sum);
// The derivative: scores become the weights, e^(score + gate·bias - logSum)·factors; slopes, which come as the
// derivative for those weights, become that for the scores.
void tk_attention_derivative(float *scores, float *slopes, ptrdiff_t count, const float *bias, float gate,
                             const float *factors, float log_sum, float delta);

#endif
