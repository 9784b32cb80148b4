// Counter-based random numbers: pronghorn/ir/rng.py defines them, this repeats it bit
// for bit.
#pragma once

#include <stdint.h>

namespace pronghorn {

constexpr uint32_t kPermutationStream = 0xffffffffu;

// Of a number, or of a vector of them.
template <class T>
static inline T rng_mix(T x) {
  x ^= x >> 16;
  x *= 0x7feb352du;
  x ^= x >> 15;
  x *= 0x846ca68bu;
  return x ^ x >> 16;
}

struct RngKeys {
  uint32_t first, second;
};

static inline RngKeys rng_keys(uint64_t seed, uint32_t step, uint32_t stream) {
  const uint32_t salts[2] = {0x9e3779b9u, 0x85ebca6bu};
  const uint32_t parts[4] = {(uint32_t)seed, (uint32_t)(seed >> 32), step, stream};
  uint32_t out[2];
  for (int i = 0; i < 2; i++) {
    uint32_t word = salts[i];
    for (uint32_t part : parts) word = rng_mix((word ^ part) + salts[i]);
    out[i] = word;
  }
  return {out[0], out[1]};
}

template <class T>
static inline T rng_bits(RngKeys keys, T element) {
  return rng_mix(rng_mix(element ^ keys.first) + keys.second);
}

}  // namespace pronghorn
