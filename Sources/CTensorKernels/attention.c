#include "include/attention.h"

#include "include/reductions.h"
#include "vector.h"

TK_VECTOR float tk_softmax_row(float *row, ptrdiff_t count) {
    float largest = tk_maximum(row, count);
    if (largest == -INFINITY) {
        memset(row, 0, (size_t)count * sizeof(float));
        return -INFINITY;
    }
    for (ptrdiff_t i = 0; i < count; i++) row[i] = tk_exp(row[i] - largest);
    float sum = tk_sum(row, count);
    float scale = 1.0f / sum;
    for (ptrdiff_t i = 0; i < count; i++) row[i] *= scale;
    return largest + logf(sum);
}

TK_VECTOR void tk_exp_shifted(float *x, ptrdiff_t count, float shift) {
    if (shift == -INFINITY) {
        memset(x, 0, (size_t)count * sizeof(float));
        return;
    }
    for (ptrdiff_t i = 0; i < count; i++) x[i] = tk_exp(x[i] - shift);
}

TK_VECTOR void tk_softmax_derivative(const float *p, float *u, ptrdiff_t count, float delta) {
    for (ptrdiff_t i = 0; i < count; i++) u[i] = p[i] * (u[i] - delta);
}

TK_VECTOR void tk_log_softmax_row(const float *x, float *y, ptrdiff_t count) {
    TK_REASSOCIATE
    float largest = tk_maximum(x, count);
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += tk_exp(x[i] - largest);
    float shift = largest + logf(sum);
    for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] - shift;
}

TK_VECTOR void tk_log_softmax_derivative(const float *y, const float *u, float *d, ptrdiff_t count) {
    float sum = tk_sum(u, count);
    for (ptrdiff_t i = 0; i < count; i++) d[i] = u[i] - tk_exp(y[i]) * sum;
}

TK_VECTOR void tk_rotate_row(const float *x, float *y, const float *cosines, const float *sines, ptrdiff_t half,
                             float sign) {
    for (ptrdiff_t i = 0; i < half; i++) {
        float first = x[i], second = x[i + half];
        float c = cosines[i], s = sign * sines[i];
        y[i] = first * c - second * s;
        y[i + half] = second * c + first * s;
    }
}
