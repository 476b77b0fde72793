// OpenBLAS's C interface: cblas_sgemm and the number of its own threads.
#include <cblas.h>
