#include "include/reductions.h"

#include "vector.h"

TK_VECTOR float tk_sum(const float *x, ptrdiff_t count) {
    TK_REASSOCIATE
    float total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += x[i];
    return total;
}

// In double: a hundred million squares must not lose the small ones.
TK_VECTOR double tk_sum_of_squares(const float *x, ptrdiff_t count) {
    TK_REASSOCIATE
    double total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += (double)x[i] * (double)x[i];
    return total;
}

// -infinity of nothing; NaN where there is one.
TK_VECTOR float tk_maximum(const float *x, ptrdiff_t count) {
    float lanes[16];
    for (int l = 0; l < 16; l++) lanes[l] = -INFINITY;
    ptrdiff_t i = 0;
    int unordered = 0;
    for (; i + 16 <= count; i += 16)
        for (int l = 0; l < 16; l++) {
            float v = x[i + l];
            unordered |= v != v;
            lanes[l] = v > lanes[l] ? v : lanes[l];
        }
    for (; i < count; i++) {
        unordered |= x[i] != x[i];
        lanes[0] = x[i] > lanes[0] ? x[i] : lanes[0];
    }
    for (int l = 1; l < 16; l++) lanes[0] = lanes[l] > lanes[0] ? lanes[l] : lanes[0];
    return unordered ? NAN : lanes[0];
}

TK_VECTOR float tk_dot(const float *x, const float *y, ptrdiff_t count) {
    TK_REASSOCIATE
    float total = 0;
    for (ptrdiff_t i = 0; i < count; i++) total += x[i] * y[i];
    return total;
}

TK_VECTOR void tk_add_column_sums(const float *x, ptrdiff_t ld, float *y, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) y[c] += x[r * ld + c];
}
