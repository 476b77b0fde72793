// Loops over float32 arrays that must run at the speed of the vector units or of the memory.
//
// Swift cannot compile one function for several instruction sets; C can: each loop marked TK_VECTOR is built for
// AVX-512, for AVX2 with fused multiply-add, and for any x86-64, and the loader picks once. All arrays are contiguous
// unless a stride is given; counts are elements. No function allocates; none keeps a pointer.
#ifndef TENSOR_KERNELS_H
#define TENSOR_KERNELS_H

#include "attention.h"
#include "blas.h"
#include "convolution.h"
#include "elementwise.h"
#include "gating.h"
#include "normalization.h"
#include "optimization.h"
#include "random.h"
#include "reductions.h"
#include "thread_pool.h"

#endif
