#include "include/optimization.h"

#include "vector.h"

TK_VECTOR void tk_adamw(float *value, const float *gradient, float *first, float *second, ptrdiff_t count,
                        float scale, float beta1, float beta2, float epsilon, float rate, float root, float keep) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float g = gradient[i] * scale;
        float m = beta1 * first[i] + (1.0f - beta1) * g;
        float v = beta2 * second[i] + (1.0f - beta2) * g * g;
        first[i] = m;
        second[i] = v;
        value[i] = value[i] * keep - rate * m / (sqrtf(v) / root + epsilon);
    }
}
