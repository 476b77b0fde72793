#include "include/gating.h"

#include "vector.h"

TK_VECTOR void tk_gate(const float *restrict x, float *restrict y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + 2 * r * columns;
        const float *b = a + columns;
        float *to = y + r * columns;
        for (ptrdiff_t c = 0; c < columns; c++) to[c] = a[c] * tk_sigmoid(b[c]);
    }
}

TK_VECTOR void tk_gate_backward(const float *restrict x, const float *restrict u, float *restrict d, ptrdiff_t rows,
                                ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *a = x + 2 * r * columns;
        const float *b = a + columns;
        const float *above = u + r * columns;
        float *da = d + 2 * r * columns;
        float *db = da + columns;
        for (ptrdiff_t c = 0; c < columns; c++) {
            float s = tk_sigmoid(b[c]);
            da[c] = above[c] * s;
            db[c] = above[c] * a[c] * s * (1.0f - s);
        }
    }
}

TK_VECTOR void tk_silu_gate(const float *restrict a, const float *restrict b, float *restrict y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = tk_silu(a[i]) * b[i];
}

TK_VECTOR void tk_silu_gate_backward(const float *restrict a, const float *restrict b, const float *restrict u,
                                     float *restrict da, float *restrict db, ptrdiff_t count) {
    if (da && db) {
        for (ptrdiff_t i = 0; i < count; i++) {
            float s = tk_sigmoid(a[i]);
            da[i] = u[i] * b[i] * s * (1.0f + a[i] * (1.0f - s));
            db[i] = u[i] * a[i] * s;
        }
    } else if (da) {
        for (ptrdiff_t i = 0; i < count; i++) da[i] = u[i] * b[i] * tk_silu_derivative(a[i]);
    } else if (db) {
        for (ptrdiff_t i = 0; i < count; i++) db[i] = u[i] * tk_silu(a[i]);
    }
}
