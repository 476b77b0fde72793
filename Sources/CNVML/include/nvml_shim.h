// NVIDIA's management library, loaded where its driver is installed: nothing is linked, and no header of theirs is
// needed.
//
// Source: NVML API reference; the functions and structures used here are of its stable part.
#ifndef NVML_SHIM_H
#define NVML_SHIM_H

#include <stddef.h>

// What is known of a card now; a value that the card does not tell is negative.
struct vs_card {
    // Percent of the time since the last sample of the driver in which it computed.
    double utilization_percent;
    double memory_used_bytes;
    double memory_total_bytes;
    double power_watts;
    double temperature_celsius;
};

// How many cards there are; 0 where there is no driver. Loads the library at the first call.
int vs_card_count(void);
// The card's name into `name`; empty where it has none.
void vs_card_name(int index, char *name, size_t capacity);
struct vs_card vs_card_sample(int index);

#endif
