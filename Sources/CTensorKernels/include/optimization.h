#ifndef OPTIMIZATION_H
#define OPTIMIZATION_H

#include <stddef.h>

// One step of AdamW over flat memory. `rate` is the learning rate over 1 - β₁ᵗ, `root` is √(1 - β₂ᵗ), `keep` is
// 1 - learning rate · weight decay, and gradients are multiplied by `scale` first.
void tk_adamw(float *value, const float *gradient, float *first, float *second, ptrdiff_t count, float scale,
              float beta1, float beta2, float epsilon, float rate, float root, float keep);

#endif
