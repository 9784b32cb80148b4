// What moves elements: strided copies, rows picked by an index, rows added up by one.
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

void copy_row(const int32_t* from, int64_t step, int32_t* to, int64_t to_step,
              int64_t n) {
  if (step == 1 && to_step == 1)
    memcpy(to, from, n * 4);
  else if (to_step == 1)
    for (int64_t i = 0; i < n; i++) to[i] = from[i * step];
  else
    for (int64_t i = 0; i < n; i++) to[i * to_step] = from[i * step];
}

void add_row(const float* from, float* to, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load(to + i) + load(from + i));
  for (; i < n; i++) to[i] += from[i];
}

void add_row(const int32_t* from, int32_t* to, int64_t n) {
  for (int64_t i = 0; i < n; i++)
    to[i] = (int32_t)((uint32_t)to[i] + (uint32_t)from[i]);
}

// Keeps the first place of a bad index, whoever finds it.
void report(Fault* fault, int32_t instruction, int64_t place, int32_t value) {
  uint64_t mine = (uint64_t)place << 32 | (uint32_t)value;
  uint64_t old = __atomic_load_n(&fault->where, __ATOMIC_SEQ_CST);
  while (mine < old)
    if (__atomic_compare_exchange_n(&fault->where, &old, mine, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_SEQ_CST)) {
      __atomic_store_n(&fault->instruction, instruction, __ATOMIC_SEQ_CST);
      return;
    }
}

template <class T>
void scatter_rows(const GatherPlan& p, const StepContext& s, int64_t tile) {
  int64_t o = tile / p.groups, first = tile % p.groups * p.group;
  int64_t last = least(first + p.group, p.length);
  T* table = (T*)s.pointer[p.table] + o * p.length * p.inner;
  const T* rows = (const T*)s.pointer[p.rows] + o * p.count * p.inner;
  const int32_t* index = (const int32_t*)s.pointer[p.index];
  memset((void*)(table + first * p.inner), 0, (last - first) * p.inner * 4);
  for (int64_t j = 0; j < p.count; j++) {
    int64_t r = index[j];
    if (r >= first && r < last)
      add_row(rows + j * p.inner, table + r * p.inner, p.inner);
    if (tile == 0 && (r < 0 || r >= p.length))
      report(s.fault, p.instruction, j, index[j]);
  }
}

}  // namespace

void copy(const CopyPlan& p, const StepContext& s, int64_t row, int64_t last) {
  const int32_t* from = (const int32_t*)s.pointer[p.from] + p.from_offset;
  int32_t* to = (int32_t*)s.pointer[p.to] + p.to_offset;
  int inner = p.n_axes - 1;
  int64_t index[kMaxCopyAxes];
  int64_t rest = row;
  for (int i = inner - 1; i >= 0; i--) {
    index[i] = rest % p.axis[i];
    rest /= p.axis[i];
    from += index[i] * p.from_axis[i];
    to += index[i] * p.to_axis[i];
  }
  for (; row < last; row++) {
    copy_row(from, p.from_axis[inner], to, p.to_axis[inner], p.axis[inner]);
    for (int i = inner - 1; i >= 0; i--) {
      from += p.from_axis[i];
      to += p.to_axis[i];
      if (++index[i] < p.axis[i]) break;
      from -= p.axis[i] * p.from_axis[i];
      to -= p.axis[i] * p.to_axis[i];
      index[i] = 0;
    }
  }
}

void gather(const GatherPlan& p, const StepContext& s, int64_t first, int64_t last) {
  const int32_t* table = (const int32_t*)s.pointer[p.table];
  const int32_t* index = (const int32_t*)s.pointer[p.index];
  int32_t* rows = (int32_t*)s.pointer[p.rows];
  for (int64_t row = first; row < last; row++) {
    int64_t o = row / p.count, j = row % p.count, r = index[j];
    if (r < 0 || r >= p.length) {
      report(s.fault, p.instruction, j, index[j]);
      memset(rows + row * p.inner, 0, p.inner * 4);
      continue;
    }
    const int32_t* from = table + (o * p.length + r) * p.inner;
    if (p.inner == 1)
      rows[row] = *from;
    else
      memcpy(rows + row * p.inner, from, p.inner * 4);
  }
}

void scatter(const GatherPlan& p, const StepContext& s, int64_t tile) {
  if (p.dtype == DTYPE_int32)
    scatter_rows<int32_t>(p, s, tile);
  else
    scatter_rows<float>(p, s, tile);
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
