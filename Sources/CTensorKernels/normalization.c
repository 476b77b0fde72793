#include "include/normalization.h"

#include "vector.h"

TK_INLINE float activated(float v, const int activation) {
    return activation == 1 ? tk_gelu(v) : activation == 2 ? tk_silu(v) : activation == 3 ? (v < 0.0f ? 0.0f : v) : v;
}

TK_INLINE float slope_of(float v, const int activation) {
    return activation == 1   ? tk_gelu_derivative(v)
           : activation == 2 ? tk_silu_derivative(v)
           : activation == 3 ? (v > 0.0f ? 1.0f : 0.0f)
                             : 1.0f;
}

// One loop for each activation, so that none asks which it is.
#define EACH_ACTIVATION(call)                                                                                        \
    switch (activation) {                                                                                            \
        case 1: call(1); break;                                                                                      \
        case 2: call(2); break;                                                                                      \
        case 3: call(3); break;                                                                                      \
        default: call(0); break;                                                                                     \
    }

TK_INLINE void layer_norm_row(const float *restrict x, const float *restrict weight, const float *restrict bias,
                              float mean, float inverse, const int activation, float *restrict y, ptrdiff_t columns) {
    for (ptrdiff_t c = 0; c < columns; c++)
        y[c] = activated((x[c] - mean) * inverse * weight[c] + bias[c], activation);
}

// Two passes over a row that stays in the first-level cache: as fast as one, and without its cancellation.
TK_VECTOR void tk_layer_norm(const float *restrict x, const float *restrict weight, const float *restrict bias,
                             float epsilon, int activation, float *restrict mean, float *restrict inverse,
                             float *restrict y, ptrdiff_t rows, ptrdiff_t columns) {
    TK_REASSOCIATE
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        float total = 0;
        for (ptrdiff_t c = 0; c < columns; c++) total += row[c];
        float m = total / (float)columns;
        float squares = 0;
        for (ptrdiff_t c = 0; c < columns; c++) squares += (row[c] - m) * (row[c] - m);
        float i = 1.0f / sqrtf(squares / (float)columns + epsilon);
        mean[r] = m;
        inverse[r] = i;
#define ROW(f) layer_norm_row(row, weight, bias, m, i, f, y + r * columns, columns)
        EACH_ACTIVATION(ROW)
#undef ROW
    }
}

// With h = (x - mean)·inverse and g = u·f'·weight: d = inverse·(g - mean(g) - h·mean(g·h)).
TK_INLINE void layer_norm_row_backward(const float *restrict x, const float *restrict u,
                                       const float *restrict weight, const float *restrict bias, float m, float i,
                                       const int activation, float *restrict d, float *restrict dw,
                                       float *restrict db, ptrdiff_t columns) {
    TK_REASSOCIATE
    float sum = 0;
    float product = 0;
    for (ptrdiff_t c = 0; c < columns; c++) {
        float h = (x[c] - m) * i;
        float above = u[c];
        if (activation) above *= slope_of(h * weight[c] + bias[c], activation);
        dw[c] += above * h;
        db[c] += above;
        float g = above * weight[c];
        sum += g;
        product += g * h;
        if (d) d[c] = g;
    }
    if (!d) return;
    sum /= (float)columns;
    product /= (float)columns;
    for (ptrdiff_t c = 0; c < columns; c++) d[c] = i * (d[c] - sum - (x[c] - m) * i * product);
}

TK_VECTOR void tk_layer_norm_backward(const float *restrict x, const float *restrict u, const float *restrict weight,
                                      const float *restrict bias, const float *restrict mean,
                                      const float *restrict inverse, int activation, float *restrict d,
                                      float *restrict dw, float *restrict db, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        const float *above = u + r * columns;
        if (d) {
            float *to = d + r * columns;
#define ROW(f) layer_norm_row_backward(row, above, weight, bias, mean[r], inverse[r], f, to, dw, db, columns)
            EACH_ACTIVATION(ROW)
#undef ROW
        } else {
#define ROW(f) layer_norm_row_backward(row, above, weight, bias, mean[r], inverse[r], f, NULL, dw, db, columns)
            EACH_ACTIVATION(ROW)
#undef ROW
        }
    }
}

TK_VECTOR void tk_column_moments(const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, float *restrict mean,
                                 float *restrict squares) {
    for (ptrdiff_t c = 0; c < columns; c++) mean[c] = 0;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) mean[c] += x[r * columns + c];
    for (ptrdiff_t c = 0; c < columns; c++) {
        mean[c] /= (float)rows;
        squares[c] = 0;
    }
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++) {
            float difference = x[r * columns + c] - mean[c];
            squares[c] += difference * difference;
        }
}

TK_VECTOR void tk_merge_moments(double *restrict mean, double *restrict squares, ptrdiff_t total,
                                const float *restrict block_mean, const float *restrict block_squares,
                                ptrdiff_t rows, ptrdiff_t columns) {
    double share = (double)rows / (double)(total + rows);
    double weight = share * (double)total;
    for (ptrdiff_t c = 0; c < columns; c++) {
        double difference = (double)block_mean[c] - mean[c];
        mean[c] += difference * share;
        squares[c] += (double)block_squares[c] + difference * difference * weight;
    }
}

TK_INLINE void normalize_columns(const float *restrict x, const float *restrict mean, const float *restrict scale,
                                 const float *restrict bias, const int activation, float *restrict y, ptrdiff_t rows,
                                 ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t c = 0; c < columns; c++)
            y[r * columns + c] = activated((x[r * columns + c] - mean[c]) * scale[c] + bias[c], activation);
}

TK_VECTOR void tk_normalize_columns(const float *restrict x, const float *restrict mean, const float *restrict scale,
                                    const float *restrict bias, int activation, float *restrict y, ptrdiff_t rows,
                                    ptrdiff_t columns) {
#define ROWS(f) normalize_columns(x, mean, scale, bias, f, y, rows, columns)
    EACH_ACTIVATION(ROWS)
#undef ROWS
}

TK_INLINE void normalize_columns_sums(const float *restrict x, const float *restrict u, const float *restrict mean,
                                      const float *restrict inverse, const float *restrict weight,
                                      const float *restrict bias, const int activation, float *restrict d,
                                      float *restrict sums, float *restrict products, ptrdiff_t rows,
                                      ptrdiff_t columns) {
    for (ptrdiff_t c = 0; c < columns; c++) sums[c] = products[c] = 0;
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *row = x + r * columns;
        const float *from = u + r * columns;
        for (ptrdiff_t c = 0; c < columns; c++) {
            float h = (row[c] - mean[c]) * inverse[c];
            float above = from[c];
            if (activation) {
                above *= slope_of(h * weight[c] + bias[c], activation);
                d[r * columns + c] = above;
            }
            sums[c] += above;
            products[c] += above * h;
        }
    }
}

TK_VECTOR void tk_normalize_columns_sums(const float *restrict x, const float *restrict u,
                                         const float *restrict mean, const float *restrict inverse,
                                         const float *restrict weight, const float *restrict bias, int activation,
                                         float *restrict d, float *restrict sums, float *restrict products,
                                         ptrdiff_t rows, ptrdiff_t columns) {
#define ROWS(f) normalize_columns_sums(x, u, mean, inverse, weight, bias, f, d, sums, products, rows, columns)
    EACH_ACTIVATION(ROWS)
#undef ROWS
}

#define CORRECT                                                                                                      \
    for (ptrdiff_t r = 0; r < rows; r++)                                                                             \
        for (ptrdiff_t c = 0; c < columns; c++) {                                                                    \
            ptrdiff_t i = r * columns + c;                                                                           \
            to[i] = from[i] * scale[c] - constant[c] - (x[i] - mean[c]) * slope[c];                                  \
        }

TK_VECTOR void tk_normalize_columns_backward(const float *restrict x, const float *u, const float *restrict mean,
                                             const float *restrict scale, const float *restrict constant,
                                             const float *restrict slope, float *d, ptrdiff_t rows,
                                             ptrdiff_t columns) {
    if (u == d) {
        float *restrict to = d;
        const float *from = to;
        CORRECT
    } else {
        const float *restrict from = u;
        float *restrict to = d;
        CORRECT
    }
}

TK_VECTOR void tk_add_to_double(const float *restrict part, double *restrict total, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) total[i] += (double)part[i];
}
