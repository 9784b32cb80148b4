// The order in which an epoch visits its rows.
#include <stdlib.h>
#include <string.h>

#include "executor.h"
#include "rng.h"

namespace pronghorn {
namespace {

constexpr int kFewBits = 10;

struct Row {
  uint32_t hash;
  int32_t number;
};

// One pass of a stable radix sort, by eleven bits.
void pass(const Row* from, Row* to, int32_t n, int shift) {
  constexpr int kBuckets = 1 << 11;
  uint32_t start[kBuckets] = {};
  for (int32_t i = 0; i < n; i++) start[from[i].hash >> shift & (kBuckets - 1)]++;
  uint32_t sum = 0;
  for (uint32_t& bucket : start) {
    uint32_t count = bucket;
    bucket = sum;
    sum += count;
  }
  for (int32_t i = 0; i < n; i++)
    to[start[from[i].hash >> shift & (kBuckets - 1)]++] = from[i];
}

// As many buckets as rows, by the highest bits: hardly any row is out of place then.
void sort_few(const Row* from, Row* to, int32_t n) {
  int bits = 1;
  while (1 << bits < n) bits++;
  int32_t start[1 << kFewBits];
  memset(start, 0, sizeof *start << bits);
  for (int32_t i = 0; i < n; i++) start[from[i].hash >> (32 - bits)]++;
  int32_t sum = 0;
  for (int32_t b = 0; b < 1 << bits; b++) {
    int32_t count = start[b];
    start[b] = sum;
    sum += count;
  }
  for (int32_t i = 0; i < n; i++) to[start[from[i].hash >> (32 - bits)]++] = from[i];
  for (int32_t i = 1; i < n; i++) {
    Row row = to[i];
    int32_t j = i;
    for (; j > 0 && to[j - 1].hash > row.hash; j--) to[j] = to[j - 1];
    to[j] = row;
  }
}

}  // namespace

size_t permutation_bytes(int32_t n) { return ((size_t)n * 2 + 1) * sizeof(Row); }

void permutation(uint64_t seed, uint32_t epoch, int32_t n, int32_t* out, void* room) {
  Row *rows = (Row*)room, *other = rows + n;
  RngKeys keys = rng_keys(seed, epoch, kPermutationStream);
  for (int32_t i = 0; i < n; i++) rows[i] = {rng_bits(keys, (uint32_t)i), i};
  if (n <= 1 << kFewBits) {
    sort_few(rows, other, n);
  } else {
    pass(rows, other, n, 0);
    pass(other, rows, n, 11);
    pass(rows, other, n, 22);
  }
  for (int32_t i = 0; i < n; i++) out[i] = other[i].number;
}

bool permutation(uint64_t seed, uint32_t epoch, int32_t n, int32_t* out) {
  void* room = malloc(permutation_bytes(n));
  if (room) permutation(seed, epoch, n, out, room);
  free(room);
  return room != nullptr;
}

}  // namespace pronghorn
