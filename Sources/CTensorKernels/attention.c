#include "include/attention.h"

#include "include/reductions.h"
#include "vector.h"

// -infinity of nothing. NaN is passed over: it comes back in the exponentials.
TK_INLINE float largest_of(const float *x, ptrdiff_t count) {
    float lanes[32];
    for (int l = 0; l < 32; l++) lanes[l] = -INFINITY;
    ptrdiff_t i = 0;
    for (; i + 32 <= count; i += 32)
        for (int l = 0; l < 32; l++) lanes[l] = x[i + l] > lanes[l] ? x[i + l] : lanes[l];
    for (; i < count; i++) lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
    for (int l = 1; l < 32; l++) lanes[0] = lanes[l] > lanes[0] ? lanes[l] : lanes[0];
    return lanes[0];
}

TK_VECTOR float tk_softmax_row(const float *x, float *y, ptrdiff_t count) {
    TK_REASSOCIATE
    float largest = largest_of(x, count);
    // Where all are -infinity, any shift makes zeros of them.
    float shift = largest == -INFINITY ? 0.0f : largest;
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        float e = tk_exp(x[i] - shift);
        y[i] = e;
        sum += e;
    }
    if (sum == 0) return -INFINITY;
    float scale = 1.0f / sum;
    for (ptrdiff_t i = 0; i < count; i++) y[i] *= scale;
    return shift + logf(sum);
}

TK_VECTOR float tk_log_sum_exp(const float *x, ptrdiff_t count) {
    TK_REASSOCIATE
    float largest = largest_of(x, count);
    float shift = largest == -INFINITY ? 0.0f : largest;
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += tk_exp(x[i] - shift);
    return sum == 0 ? -INFINITY : shift + logf(sum);
}

TK_VECTOR void tk_softmax_derivative(const float *p, float *u, ptrdiff_t count, float delta) {
    for (ptrdiff_t i = 0; i < count; i++) u[i] = p[i] * (u[i] - delta);
}

TK_VECTOR void tk_log_softmax_row(const float *x, float *y, ptrdiff_t count) {
    float log_sum = tk_log_sum_exp(x, count);
    // Where all are -infinity, they stay so, as the softmax of such a row is 0.
    float shift = log_sum == -INFINITY ? 0.0f : log_sum;
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

TK_VECTOR float tk_attention_weights(float *restrict scores, ptrdiff_t count, const float *restrict bias, float gate,
                                     const float *restrict factors, float *largest, float *sum) {
    TK_REASSOCIATE
    if (bias)
        for (ptrdiff_t i = 0; i < count; i++) scores[i] += gate * bias[i];
    float before = *largest;
    float now = largest_of(scores, count);
    now = now > before ? now : before;
    float shift = now == -INFINITY ? 0.0f : now;
    float total = 0;
    for (ptrdiff_t i = 0; i < count; i++) {
        float e = tk_exp(scores[i] - shift);
        scores[i] = e;
        total += e;
    }
    if (factors)
        for (ptrdiff_t i = 0; i < count; i++) scores[i] *= factors[i];
    float change = before == now ? 1.0f : tk_exp(before - now);
    *largest = now;
    *sum = *sum * change + total;
    return change;
}

TK_VECTOR void tk_attention_derivative(float *restrict scores, float *restrict slopes, ptrdiff_t count,
                                       const float *restrict bias, float gate, const float *restrict factors,
                                       float log_sum, float delta) {
    if (bias)
        for (ptrdiff_t i = 0; i < count; i++) scores[i] += gate * bias[i];
    if (factors) {
        for (ptrdiff_t i = 0; i < count; i++) {
            float weight = tk_exp(scores[i] - log_sum);
            slopes[i] = weight * (factors[i] * slopes[i] - delta);
            scores[i] = weight * factors[i];
        }
    } else {
        for (ptrdiff_t i = 0; i < count; i++) {
            float weight = tk_exp(scores[i] - log_sum);
            slopes[i] = weight * (slopes[i] - delta);
            scores[i] = weight;
        }
    }
}
