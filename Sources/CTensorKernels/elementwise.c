#include "include/elementwise.h"

#include "vector.h"

#define UNARY(name, expression)                                                                                      \
    TK_VECTOR void tk_unary_##name(const float *x, float *y, ptrdiff_t count) {                                      \
        for (ptrdiff_t i = 0; i < count; i++) {                                                                      \
            float v = x[i];                                                                                          \
            y[i] = (expression);                                                                                     \
        }                                                                                                            \
    }

#define BACKWARD(name, expression)                                                                                   \
    TK_VECTOR void tk_backward_##name(const float *saved, const float *u, float *d, ptrdiff_t count) {               \
        for (ptrdiff_t i = 0; i < count; i++) {                                                                      \
            float v = saved[i];                                                                                      \
            d[i] = u[i] * (expression);                                                                              \
        }                                                                                                            \
    }

// Each function beside its derivative.
UNARY(exp, tk_exp(v))
BACKWARD(exp, v)

UNARY(log, logf(v))
BACKWARD(log, 1.0f / v)

UNARY(sqrt, sqrtf(v))
BACKWARD(sqrt, 0.5f / v)

UNARY(gelu, tk_gelu(v))
BACKWARD(gelu, tk_gelu_derivative(v))

UNARY(silu, tk_silu(v))
BACKWARD(silu, tk_silu_derivative(v))

UNARY(sigmoid, tk_sigmoid(v))
BACKWARD(sigmoid, v * (1.0f - v))

UNARY(tanh, tk_tanh(v))
BACKWARD(tanh, 1.0f - v * v)

// NaN stays NaN.
UNARY(relu, v < 0.0f ? 0.0f : v)
BACKWARD(relu, v > 0.0f ? 1.0f : 0.0f)

TK_VECTOR void tk_affine(const float *x, float *y, ptrdiff_t count, float a, float b) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = a * x[i] + b;
}

#define BINARY(name, op)                                                                                             \
    TK_VECTOR void tk_binary_##name(const float *x, ptrdiff_t xs, const float *y, ptrdiff_t ys, float *z,            \
                                    ptrdiff_t count) {                                                               \
        if (xs && ys) {                                                                                              \
            for (ptrdiff_t i = 0; i < count; i++) z[i] = x[i] op y[i];                                               \
        } else if (xs) {                                                                                             \
            float v = *y;                                                                                            \
            for (ptrdiff_t i = 0; i < count; i++) z[i] = x[i] op v;                                                  \
        } else if (ys) {                                                                                             \
            float v = *x;                                                                                            \
            for (ptrdiff_t i = 0; i < count; i++) z[i] = v op y[i];                                                  \
        } else {                                                                                                     \
            float v = *x op *y;                                                                                      \
            for (ptrdiff_t i = 0; i < count; i++) z[i] = v;                                                          \
        }                                                                                                            \
    }

BINARY(add, +)
BINARY(subtract, -)
BINARY(multiply, *)
BINARY(divide, /)

TK_VECTOR void tk_add_scaled(const float *x, float *y, ptrdiff_t count, float a) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] += a * x[i];
}

void tk_copy_strided(const float *x, ptrdiff_t xs, float *y, ptrdiff_t count) {
    if (xs == 1) {
        // An empty tensor may have no memory, and memcpy takes no null pointer, even for nothing.
        if (count > 0) memcpy(y, x, (size_t)count * sizeof(float));
    } else {
        for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i * xs];
    }
}

TK_VECTOR void tk_add_strided(const float *x, float *y, ptrdiff_t ys, ptrdiff_t count) {
    if (ys == 1) {
        for (ptrdiff_t i = 0; i < count; i++) y[i] += x[i];
    } else {
        for (ptrdiff_t i = 0; i < count; i++) y[i * ys] += x[i];
    }
}

TK_VECTOR void tk_transpose(const float *x, ptrdiff_t xs, float *y, ptrdiff_t ys, ptrdiff_t rows,
                                    ptrdiff_t columns) {
    enum { BLOCK = 16 };
    for (ptrdiff_t r0 = 0; r0 < rows; r0 += BLOCK) {
        ptrdiff_t r1 = r0 + BLOCK < rows ? r0 + BLOCK : rows;
        for (ptrdiff_t c0 = 0; c0 < columns; c0 += BLOCK) {
            ptrdiff_t c1 = c0 + BLOCK < columns ? c0 + BLOCK : columns;
            for (ptrdiff_t c = c0; c < c1; c++)
                for (ptrdiff_t r = r0; r < r1; r++) y[c * ys + r] = x[r * xs + c];
        }
    }
}
