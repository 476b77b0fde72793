#include "include/nvml_shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

typedef void *nvml_device;
struct nvml_utilization {
    unsigned int gpu, memory;
};
struct nvml_memory {
    unsigned long long total, free, used;
};

enum { MOST_CARDS = 64 };

static pthread_once_t once = PTHREAD_ONCE_INIT;
static nvml_device cards[MOST_CARDS];
static int count;
static int (*device_name)(nvml_device, char *, unsigned int);
static int (*utilization)(nvml_device, struct nvml_utilization *);
static int (*memory_info)(nvml_device, struct nvml_memory *);
static int (*power_usage)(nvml_device, unsigned int *);
static int (*temperature)(nvml_device, int, unsigned int *);

static void load(void) {
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    int (*init)(void) = (int (*)(void))dlsym(library, "nvmlInit_v2");
    int (*device_count)(unsigned int *) = (int (*)(unsigned int *))dlsym(library, "nvmlDeviceGetCount_v2");
    int (*device)(unsigned int, nvml_device *) =
        (int (*)(unsigned int, nvml_device *))dlsym(library, "nvmlDeviceGetHandleByIndex_v2");
    unsigned int found = 0;
    if (!init || !device_count || !device || init() != 0 || device_count(&found) != 0) return;
    device_name = (__typeof__(device_name))dlsym(library, "nvmlDeviceGetName");
    utilization = (__typeof__(utilization))dlsym(library, "nvmlDeviceGetUtilizationRates");
    memory_info = (__typeof__(memory_info))dlsym(library, "nvmlDeviceGetMemoryInfo");
    power_usage = (__typeof__(power_usage))dlsym(library, "nvmlDeviceGetPowerUsage");
    temperature = (__typeof__(temperature))dlsym(library, "nvmlDeviceGetTemperature");
    for (unsigned int index = 0; index < found && count < MOST_CARDS; index++)
        if (device(index, &cards[count]) == 0) count++;
}

int vs_card_count(void) {
    pthread_once(&once, load);
    return count;
}

void vs_card_name(int index, char *name, size_t capacity) {
    if (capacity == 0) return;
    name[0] = '\0';
    if (index < 0 || index >= vs_card_count() || !device_name) return;
    if (device_name(cards[index], name, (unsigned int)capacity) != 0) name[0] = '\0';
    name[capacity - 1] = '\0';
}

struct vs_card vs_card_sample(int index) {
    struct vs_card sample = {-1, -1, -1, -1, -1};
    if (index < 0 || index >= vs_card_count()) return sample;
    struct nvml_utilization use;
    struct nvml_memory space;
    unsigned int number;
    if (utilization && utilization(cards[index], &use) == 0) sample.utilization_percent = use.gpu;
    if (memory_info && memory_info(cards[index], &space) == 0) {
        sample.memory_used_bytes = (double)space.used;
        sample.memory_total_bytes = (double)space.total;
    }
    if (power_usage && power_usage(cards[index], &number) == 0) sample.power_watts = number / 1000.0;
    if (temperature && temperature(cards[index], 0, &number) == 0) sample.temperature_celsius = number;
    return sample;
}
