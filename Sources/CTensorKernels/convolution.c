#include "include/convolution.h"

#include "vector.h"

// Sixteen lanes: one register of AVX-512, two of AVX2; the compiler splits it. Loads need no alignment.
typedef float lanes __attribute__((vector_size(64), aligned(4)));

TK_INLINE void tile(const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys,
                    ptrdiff_t depth, int keep, const int rows, const int wide) {
    // Three rows to a pointer: an address adds up to twice a step by itself, and registers are few.
    const float *from[3] = {a, a + 3 * as, a + 6 * as};
    lanes sum[8][3];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) sum[r][w] = keep ? *(const lanes *)(y + r * ys + 16 * w) : (lanes){0};
    for (ptrdiff_t l = 0; l < depth; l++) {
        lanes right[3];
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) right[w] = *(const lanes *)(b + 16 * w);
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
            for (int w = 0; w < wide; w++) sum[r][w] += from[r / 3][r % 3 * as] * right[w];
#pragma clang loop unroll(full)
        for (int r = 0; r < rows; r += 3) from[r / 3] += al;
        b += bs;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++)
#pragma clang loop unroll(full)
        for (int w = 0; w < wide; w++) *(lanes *)(y + r * ys + 16 * w) = sum[r][w];
}

// What is left of the columns: fewer than sixteen.
TK_INLINE void narrow(const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys,
                      ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, int keep) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float sum[16];
        for (ptrdiff_t n = 0; n < columns; n++) sum[n] = keep ? y[r * ys + n] : 0.0f;
        for (ptrdiff_t l = 0; l < depth; l++)
            for (ptrdiff_t n = 0; n < columns; n++) sum[n] += a[r * as + l * al] * b[l * bs + n];
        for (ptrdiff_t n = 0; n < columns; n++) y[r * ys + n] = sum[n];
    }
}

// Depth in blocks whose part of b stays in the first-level cache; within it all columns of a few rows before the next
// rows, so that a short sum writes its result once, in order.
TK_INLINE void correlate(const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y,
                         ptrdiff_t ys, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, int keep, const int high,
                         const int wide) {
    const ptrdiff_t limit = columns <= 64 ? 128 : 64;
    for (ptrdiff_t l = 0; l < depth || l == 0; l += limit) {
        ptrdiff_t part = depth - l < limit ? depth - l : limit;
        int keeps = keep || l > 0;
        const float *left = a + l * al;
        const float *right = b + l * bs;
        for (ptrdiff_t r = 0; r < rows;) {
            ptrdiff_t n = 0;
            const float *from = left + r * as;
            float *to = y + r * ys;
            int count = high;
            if (rows - r >= high) {
                for (; n + 16 * wide <= columns; n += 16 * wide)
                    tile(from, as, al, right + n, bs, to + n, ys, part, keeps, high, wide);
                for (; n + 16 <= columns; n += 16) tile(from, as, al, right + n, bs, to + n, ys, part, keeps, high, 1);
            } else if (rows - r >= 3) {
                count = 3;
                for (; n + 16 <= columns; n += 16) tile(from, as, al, right + n, bs, to + n, ys, part, keeps, 3, 1);
            } else {
                count = 1;
                for (; n + 16 <= columns; n += 16) tile(from, as, al, right + n, bs, to + n, ys, part, keeps, 1, 1);
            }
            if (n < columns) narrow(from, as, al, right + n, bs, to + n, ys, count, columns - n, part, keeps);
            r += count;
        }
    }
}

// Each instruction set has its own number of registers, which target_clones cannot tell the source.
#if defined(__x86_64__)
__attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,fma"))) static void correlate_512(
    const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys, ptrdiff_t rows,
    ptrdiff_t columns, ptrdiff_t depth, int keep) {
    correlate(a, as, al, b, bs, y, ys, rows, columns, depth, keep, 8, 3);
}

__attribute__((target("avx2,fma"))) static void correlate_256(const float *a, ptrdiff_t as, ptrdiff_t al,
                                                              const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys,
                                                              ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth,
                                                              int keep) {
    correlate(a, as, al, b, bs, y, ys, rows, columns, depth, keep, 6, 1);
}
#endif

void tk_correlate(const float *a, ptrdiff_t as, ptrdiff_t al, const float *b, ptrdiff_t bs, float *y, ptrdiff_t ys,
                  ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, int keep) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw")) {
        correlate_512(a, as, al, b, bs, y, ys, rows, columns, depth, keep);
        return;
    }
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) {
        correlate_256(a, as, al, b, bs, y, ys, rows, columns, depth, keep);
        return;
    }
#endif
    correlate(a, as, al, b, bs, y, ys, rows, columns, depth, keep, 4, 1);
}

void tk_pack_phase(const float *w, float *y, ptrdiff_t from, ptrdiff_t to, ptrdiff_t outputs, ptrdiff_t inputs,
                   ptrdiff_t taps, ptrdiff_t first, ptrdiff_t step, ptrdiff_t count) {
    for (ptrdiff_t o = from; o < to; o++)
        for (ptrdiff_t m = 0; m < count; m++) {
            const float *tap = w + o * inputs * taps + first + (count - 1 - m) * step;
            float *row = y + (m * outputs + o) * inputs;
            for (ptrdiff_t c = 0; c < inputs; c++) row[c] = tap[c * taps];
        }
}

// In place, or with what it is computed from kept: apart, because a compiler must know which.
#define FINISH(expression)                                                                                           \
    if (z == result) {                                                                                               \
        for (ptrdiff_t r = 0; r < rows; r++) {                                                                       \
            float *row = z + r * ld;                                                                                 \
            if (bias)                                                                                                \
                for (ptrdiff_t c = 0; c < columns; c++) row[c] += bias[c];                                           \
            for (ptrdiff_t c = 0; c < columns; c++) {                                                                \
                float v = row[c];                                                                                    \
                row[c] = (expression);                                                                               \
            }                                                                                                        \
        }                                                                                                            \
    } else {                                                                                                         \
        for (ptrdiff_t r = 0; r < rows; r++) {                                                                       \
            float *restrict from = z + r * ld;                                                                       \
            float *restrict to = result + r * ld;                                                                    \
            if (bias)                                                                                                \
                for (ptrdiff_t c = 0; c < columns; c++) from[c] += bias[c];                                          \
            for (ptrdiff_t c = 0; c < columns; c++) {                                                                \
                float v = from[c];                                                                                   \
                to[c] = (expression);                                                                                \
            }                                                                                                        \
        }                                                                                                            \
    }

TK_VECTOR void tk_finish(float *z, float *result, ptrdiff_t ld, ptrdiff_t rows, ptrdiff_t columns,
                         const float *restrict bias, int activation) {
    if (activation == 1) {
        FINISH(tk_gelu(v))
    } else if (activation == 2) {
        FINISH(tk_silu(v))
    } else if (activation == 3) {
        FINISH(v < 0.0f ? 0.0f : v)
    } else if (bias || z != result) {
        FINISH(v)
    }
}

// Some frames at a time, so that a tap's weights and the frames that neighbours share are read once.
TK_VECTOR void tk_depthwise(const float *x, const float *w, float *y, ptrdiff_t rows, ptrdiff_t channels,
                            ptrdiff_t taps, ptrdiff_t stride) {
    enum { HIGH = 6 };
    ptrdiff_t c = 0;
    const ptrdiff_t step = stride * channels;
    for (; c + 16 <= channels; c += 16) {
        ptrdiff_t t = 0;
        for (; t + HIGH <= rows; t += HIGH) {
            lanes sum[HIGH];
            for (int i = 0; i < HIGH; i++) sum[i] = (lanes){0};
            const float *from = x + t * step + c;
            const float *weight = w + c;
            for (ptrdiff_t j = 0; j < taps; j++) {
                lanes tap = *(const lanes *)weight;
#pragma clang loop unroll(full)
                for (int i = 0; i < HIGH; i++) sum[i] += tap * *(const lanes *)(from + i * step);
                from += channels;
                weight += channels;
            }
            for (int i = 0; i < HIGH; i++) *(lanes *)(y + (t + i) * channels + c) = sum[i];
        }
        for (; t < rows; t++) {
            lanes sum = {0};
            for (ptrdiff_t j = 0; j < taps; j++)
                sum += *(const lanes *)(w + j * channels + c) * *(const lanes *)(x + t * step + j * channels + c);
            *(lanes *)(y + t * channels + c) = sum;
        }
    }
    for (; c < channels; c++)
        for (ptrdiff_t t = 0; t < rows; t++) {
            float sum = 0;
            for (ptrdiff_t j = 0; j < taps; j++) sum += w[j * channels + c] * x[t * step + j * channels + c];
            y[t * channels + c] = sum;
        }
}

TK_VECTOR void tk_depthwise_weights(const float *x, const float *u, float *d, ptrdiff_t rows, ptrdiff_t ld,
                                    ptrdiff_t count, ptrdiff_t taps, ptrdiff_t stride) {
    enum { HIGH = 6 };
    ptrdiff_t c = 0;
    for (; c + 16 <= count; c += 16) {
        ptrdiff_t j = 0;
        for (; j + HIGH <= taps; j += HIGH) {
            lanes sum[HIGH];
            for (int i = 0; i < HIGH; i++) sum[i] = *(const lanes *)(d + (j + i) * ld + c);
            const float *from = x + j * ld + c;
            const float *above = u + c;
            for (ptrdiff_t t = 0; t < rows; t++) {
                lanes up = *(const lanes *)above;
#pragma clang loop unroll(full)
                for (int i = 0; i < HIGH; i++) sum[i] += up * *(const lanes *)(from + i * ld);
                from += stride * ld;
                above += ld;
            }
            for (int i = 0; i < HIGH; i++) *(lanes *)(d + (j + i) * ld + c) = sum[i];
        }
        for (; j < taps; j++) {
            lanes sum = *(const lanes *)(d + j * ld + c);
            for (ptrdiff_t t = 0; t < rows; t++)
                sum += *(const lanes *)(u + t * ld + c) * *(const lanes *)(x + (t * stride + j) * ld + c);
            *(lanes *)(d + j * ld + c) = sum;
        }
    }
    for (; c < count; c++)
        for (ptrdiff_t j = 0; j < taps; j++) {
            float sum = d[j * ld + c];
            for (ptrdiff_t t = 0; t < rows; t++) sum += u[t * ld + c] * x[(t * stride + j) * ld + c];
            d[j * ld + c] = sum;
        }
}

TK_VECTOR void tk_depthwise_scatter(const float *u, const float *w, float *x, ptrdiff_t rows, ptrdiff_t ld,
                                    ptrdiff_t count, ptrdiff_t taps, ptrdiff_t stride) {
    for (ptrdiff_t t = 0; t < rows; t++)
        for (ptrdiff_t j = 0; j < taps; j++) {
            float *to = x + (t * stride + j) * ld;
            const float *above = u + t * ld;
            const float *weight = w + j * ld;
            for (ptrdiff_t c = 0; c < count; c++) to[c] += above[c] * weight[c];
        }
}
