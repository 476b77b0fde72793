// What every kernel file shares: building for several instruction sets, and vectorised transcendental functions.
#ifndef VECTOR_H
#define VECTOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__ELF__) && !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
#define TK_VECTOR __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
// The loader resolves clones before a sanitizer is ready.
#define TK_VECTOR
#endif

// Inlined into each clone, and so compiled for its instruction set.
#define TK_INLINE static inline __attribute__((always_inline))

// Sums may be regrouped into vector lanes, and a multiply and an add may be one instruction. NaN and infinity keep
// their meaning, which -ffast-math would take away.
#define TK_REASSOCIATE _Pragma("clang fp reassociate(on) contract(fast)")

// e^x, within 2 units in the last place; 0 below -87, infinity beyond the range, NaN stays NaN.
//
// x = n·ln 2 + r, |r| <= ln 2 / 2, and 2·e^r by the polynomial of Cephes' expf (Moshier, 1989), doubled, so that 2^(n-1)
// is 0 at the lower bound and the product overflows at the upper one: no case is told apart.
TK_INLINE float tk_exp(float x) {
    // Written so that NaN is not bounded.
    float bounded = x < -87.5f ? -87.5f : x;
    bounded = bounded > 88.8f ? 88.8f : bounded;
    // The sum rounds to an integer and leaves n + 126 in its lowest bits.
    const float shift = 12582912.0f + 126.0f;
    float shifted = bounded * 1.44269504088896341f + shift;
    float n = shifted - shift;
    float r = bounded - n * 0.693359375f + n * 2.12194440e-4f;
    float p = 2 * 1.9875691500e-4f;
    p = p * r + 2 * 1.3981999507e-3f;
    p = p * r + 2 * 8.3334519073e-3f;
    p = p * r + 2 * 4.1665795894e-2f;
    p = p * r + 2 * 1.6666665459e-1f;
    p = p * r + 2 * 5.0000001201e-1f;
    p = p * (r * r) + (2.0f * r + 2.0f);
    uint32_t bits;
    memcpy(&bits, &shifted, 4);
    bits <<= 23;
    float scale;
    memcpy(&scale, &bits, 4);
    return p * scale;
}

// erf(x), within 4e-7 of its value, and never beyond 1.
//
// x·P(x²)/Q(x²), fitted for the least relative error (6e-8 before rounding) on |x| <= 3.92, beyond which float32 knows
// only 1: one division, and no exponential function.
TK_INLINE float tk_erf(float x) {
    // Written so that NaN is not bounded.
    float b = x < -3.92f ? -3.92f : x;
    b = b > 3.92f ? 3.92f : b;
    float s = b * b;
    float p = 1.992415121776503e-08f;
    p = p * s - 1.9578312731027836e-06f;
    p = p * s + 1.418506435584277e-04f;
    p = p * s + 3.7016260903328657e-03f;
    p = p * s + 5.057338625192642e-02f;
    p = p * s + 1.9992497563362122e-01f;
    p = p * s + 1.1283791065216064f;
    float q = 9.560423204675317e-04f;
    q = q * s + 1.4353240840137005e-02f;
    q = q * s + 1.1499860137701035e-01f;
    q = q * s + 5.105105638504028e-01f;
    q = q * s + 1.0f;
    float y = b * p / q;
    y = y < -1.0f ? -1.0f : y;
    return y > 1.0f ? 1.0f : y;
}

TK_INLINE float tk_sigmoid(float x) {
    float e = tk_exp(-fabsf(x));
    float positive = 1.0f / (1.0f + e);
    return x >= 0 ? positive : e * positive;
}

TK_INLINE float tk_tanh(float x) { return 2.0f * tk_sigmoid(2.0f * x) - 1.0f; }

// x·Φ(x), the exact form. Source: Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.
TK_INLINE float tk_gelu(float x) { return 0.5f * x * (1.0f + tk_erf(x * 0.70710678118654752f)); }

// Φ(x) + x·φ(x).
TK_INLINE float tk_gelu_derivative(float x) {
    float cumulative = 0.5f * (1.0f + tk_erf(x * 0.70710678118654752f));
    return cumulative + x * 0.39894228040143268f * tk_exp(-0.5f * x * x);
}

TK_INLINE float tk_silu(float x) { return x * tk_sigmoid(x); }

TK_INLINE float tk_silu_derivative(float x) {
    float s = tk_sigmoid(x);
    return s * (1.0f + x * (1.0f - s));
}

#endif
