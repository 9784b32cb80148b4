// C = A B in float32.
//
// Every element of C is the sum over blocks of K, in order, of sums over the block's
// columns, in order, whatever register tile or thread computes it.
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

constexpr int R = kGemmRows;   // register tile: R rows ...
constexpr int V = 2;           // ... of V vectors
constexpr int W = V * kLanes;  // columns of a panel of B
constexpr int64_t kDepth = kGemmDepth;

struct Micro {
  const float *a, *b;
  float* c;
  int64_t depth, a_row, a_col, b_row, c_row;
  bool add;  // to what C holds
};

// Rows x (Vectors * lanes) of C, over one block of K. Rows are reached from every third
// one, which costs a third of the pointers and no arithmetic on x86.
template <int Rows, int Vectors>
void micro(const Micro& t) {
  vf sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) sum[i][j] = vf{};
  constexpr int kBases = (Rows + 2) / 3;
  const float* base[kBases];
  const int64_t a_row = t.a_row, a_col = t.a_col, b_row = t.b_row;
#pragma GCC unroll 16
  for (int g = 0; g < kBases; g++) base[g] = t.a + 3 * g * a_row;
  const float* b = t.b;
  for (int64_t k = 0; k < t.depth; k++, b += b_row) {
    vf row[Vectors];
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) row[j] = load(b + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++) {
      vf x = splat(base[i / 3][(i % 3) * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < Vectors; j++) sum[i][j] += x * row[j];
    }
#pragma GCC unroll 16
    for (int g = 0; g < kBases; g++) base[g] += a_col;
  }
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) {
      float* c = t.c + i * t.c_row + j * kLanes;
      store(c, t.add ? load(c) + sum[i][j] : sum[i][j]);
    }
}

typedef void (*MicroKernel)(const Micro&);

// By number of rows; narrow: the last columns fit one vector.
template <int Vectors>
MicroKernel kernel_for(int64_t rows) {
  static const MicroKernel table[] = {
      nullptr,
      micro<1, Vectors>,
      micro<2, Vectors>,
      micro<3, Vectors>,
      micro<4, Vectors>,
      micro<5, Vectors>,
      micro<6, Vectors>,
#if PH_LANES == 16
      micro<7, Vectors>,
      micro<8, Vectors>,
      micro<9, Vectors>,
      micro<10, Vectors>,
      micro<11, Vectors>,
      micro<12, Vectors>,
#endif
  };
  return table[rows];
}

struct Place {  // of one product and tile
  const float *a, *b;
  float* c;
  int64_t product, block_m, block_n;
};

void locate(const GemmPlan& p, const StepContext& s, int64_t product, Place* at) {
  int64_t a = 0, b = 0, rest = product;
  for (int i = p.n_axes - 1; i >= 0; i--) {
    int64_t index = rest % p.axis[i];
    rest /= p.axis[i];
    a += index * p.a_axis[i];
    b += index * p.b_axis[i];
  }
  at->product = product;
  at->a = (const float*)s.pointer[p.a] + a;
  at->b = (const float*)s.pointer[p.b] + b;
  at->c = (float*)s.pointer[p.c] + product * p.c_axis;
}

// --- packing: panels of B, W columns wide, zeros beyond the last one

#if defined(__clang__)
#define PH_SHUFFLE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
#define PH_SHUFFLE(a, b, i, j, k, l) __builtin_shuffle(a, b, v4i{i, j, k, l})
#endif
typedef float v4 __attribute__((vector_size(16), aligned(4), may_alias));
typedef int32_t v4i __attribute__((vector_size(16)));

// 4 x 4: out[k][j] = in[j][k]
void transpose4(const float* in, int64_t in_row, float* out, int64_t out_row) {
  v4 r[4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) r[i] = *(const v4*)(in + i * in_row);
  v4 p = PH_SHUFFLE(r[0], r[1], 0, 4, 1, 5), q = PH_SHUFFLE(r[0], r[1], 2, 6, 3, 7);
  v4 u = PH_SHUFFLE(r[2], r[3], 0, 4, 1, 5), w = PH_SHUFFLE(r[2], r[3], 2, 6, 3, 7);
  *(v4*)(out) = PH_SHUFFLE(p, u, 0, 1, 4, 5);
  *(v4*)(out + out_row) = PH_SHUFFLE(p, u, 2, 3, 6, 7);
  *(v4*)(out + 2 * out_row) = PH_SHUFFLE(q, w, 0, 1, 4, 5);
  *(v4*)(out + 3 * out_row) = PH_SHUFFLE(q, w, 2, 3, 6, 7);
}

void pack_columns(const float* b, int64_t b_row, int64_t depth, int64_t width,
                  float* out) {
  for (int64_t k = 0; k < depth; k++, b += b_row, out += W) {
    if (width == W) {
      for (int j = 0; j < W; j += kLanes) store(out + j, load(b + j));
    } else {
      memcpy(out, b, width * 4);
      memset(out + width, 0, (W - width) * 4);
    }
  }
}

// K runs along memory: blocks of 4 x 4 are turned.
void pack_turned(const float* b, int64_t b_col, int64_t depth, int64_t width,
                 float* out) {
  int64_t j = 0, whole = depth & ~3;
  for (; j + 4 <= width; j += 4) {
    const float* in = b + j * b_col;
    for (int64_t k = 0; k < whole; k += 4)
      transpose4(in + k, b_col, out + k * W + j, W);
    for (int64_t k = whole; k < depth; k++)
      for (int i = 0; i < 4; i++) out[k * W + j + i] = in[i * b_col + k];
  }
  for (; j < W; j++)
    for (int64_t k = 0; k < depth; k++)
      out[k * W + j] = j < width ? b[j * b_col + k] : 0;
}

void pack_panel(const GemmPlan& p, const float* b, int64_t width, int64_t k0,
                int64_t depth, float* out) {
  b += k0 * p.b_row;
  if (p.b_col == 1 || width == 1) return pack_columns(b, p.b_row, depth, width, out);
  if (p.b_row == 1) return pack_turned(b, p.b_col, depth, width, out);
  for (int64_t k = 0; k < depth; k++)
    for (int64_t j = 0; j < W; j++)
      out[k * W + j] = j < width ? b[k * p.b_row + j * p.b_col] : 0;
}

// --- one tile of C

// The block of A as it is, or a copy of it: what is far apart in memory comes together.
void bring_a(const GemmPlan& p, const float* a, int64_t rows, int64_t depth,
             float* room, Micro* t) {
  t->a = a;
  t->a_row = p.a_row;
  t->a_col = p.a_col;
  if (!p.copy_a) return;
  t->a = room;
  if (p.a_col == 1) {
    t->a_row = kDepth + 16;  // not a power of two: rows fall on different cache sets
    for (int64_t i = 0; i < rows; i++)
      memcpy(room + i * t->a_row, a + i * p.a_row, depth * 4);
  } else {
    t->a_row = 1;
    t->a_col = p.block_m;
    for (int64_t k = 0; k < depth; k++)
      memcpy(room + k * t->a_col, a + k * p.a_col, rows * 4);
  }
}

// Whole vectors past C's last column go through `spill`.
void narrow_tile(MicroKernel kernel, Micro t, int64_t rows, int64_t width,
                 float* spill) {
  float* c = t.c;
  int64_t c_row = t.c_row;
  for (int64_t i = 0; t.add && i < rows; i++)
    memcpy(spill + i * W, c + i * c_row, width * 4);
  t.c = spill;
  t.c_row = W;
  kernel(t);
  for (int64_t i = 0; i < rows; i++) memcpy(c + i * c_row, spill + i * W, width * 4);
}

// Rows are split evenly into strips of at most R.
void panel(Micro t, int64_t rows, int64_t width, float* spill) {
  int64_t strips = ceil_div(rows, R), least_rows = rows / strips,
          longer = rows % strips;
  const float* a = t.a;
  float* c = t.c;
  bool narrow = width <= kLanes, whole = width == W || width == kLanes;
  for (int64_t s = 0; s < strips; s++) {
    int64_t height = least_rows + (s < longer);
    t.a = a;
    t.c = c;
    MicroKernel kernel = narrow ? kernel_for<1>(height) : kernel_for<V>(height);
    if (whole)
      kernel(t);
    else
      narrow_tile(kernel, t, height, width, spill);
    a += height * t.a_row;
    c += height * t.c_row;
  }
}

// One or two rows: wide register tiles hide the latency that few rows cannot.
void thin_panels(Micro t, int64_t rows, int64_t* column, int64_t end) {
  constexpr int kWide = 4 * kLanes;
  MicroKernel kernel = rows == 1 ? micro<1, 4> : micro<2, 4>;
  for (; *column + kWide <= end; *column += kWide, t.b += kWide, t.c += kWide)
    kernel(t);
}

struct Room {  // a worker's scratch
  float *a, *tail, *spill;
};

Room divide(const GemmPlan& p, char* scratch) {
  float* a = (float*)scratch;
  float* tail = a + (p.copy_a ? p.block_m * (kDepth + 16) : 0);
  return {a, tail, tail + kDepth * W};
}

// One block of K: every panel of the tile.
void depth_block(const GemmPlan& p, const Place& at, const float* packed, int64_t k0,
                 const Room& room) {
  int64_t row = at.block_m * p.block_m, rows = least(p.block_m, p.m - row);
  int64_t column = at.block_n * p.block_n, end = least(column + p.block_n, p.n);
  int64_t depth = least(kDepth, p.k - k0);
  Micro t = {};
  bring_a(p, at.a + row * p.a_row + k0 * p.a_col, rows, depth, room.a, &t);
  t.depth = depth;
  t.c_row = p.c_row;
  t.add = k0 > 0;
  if (!packed && rows <= 2) {
    t.b = at.b + k0 * p.b_row + column;
    t.b_row = p.b_row;
    t.c = at.c + row * p.c_row + column;
    thin_panels(t, rows, &column, end);
  }
  for (; column < end; column += W) {
    int64_t width = least(W, end - column);
    t.c = at.c + row * p.c_row + column;
    if (packed) {
      t.b = packed + (column / W * p.k + k0) * W;
      t.b_row = W;
    } else if (width == W || width == kLanes) {
      t.b = at.b + k0 * p.b_row + column;
      t.b_row = p.b_row;
    } else {
      pack_panel(p, at.b + column, width, k0, depth, room.tail);
      t.b = room.tail;
      t.b_row = W;
    }
    panel(t, rows, width, room.spill);
  }
}

float dot(const float* a, const float* b, int64_t n) {
  vf sum[4] = {};
  int64_t k = 0;
  for (; k + 4 * kLanes <= n; k += 4 * kLanes)
    for (int i = 0; i < 4; i++)
      sum[i] += load(a + k + i * kLanes) * load(b + k + i * kLanes);
  for (; k + kLanes <= n; k += kLanes) sum[0] += load(a + k) * load(b + k);
  vf all = (sum[0] + sum[1]) + (sum[2] + sum[3]);
  float tail = 0;
  for (; k < n; k++) tail += a[k] * b[k];
  return add_lanes(all) + tail;
}

// Few rows of A, both operands along K: every element of C is a product of vectors.
void dots(const GemmPlan& p, const Place& at) {
  int64_t row = at.block_m * p.block_m, last = least(row + p.block_m, p.m);
  int64_t column = at.block_n * p.block_n, end = least(column + p.block_n, p.n);
  for (int64_t j = column; j < end; j++)
    for (int64_t i = row; i < last; i++)
      at.c[i * p.c_row + j] = dot(at.a + i * p.a_row, at.b + j * p.b_col, p.k);
}

// A sum of nothing.
void clear(const GemmPlan& p, const Place& at) {
  int64_t row = at.block_m * p.block_m, last = least(row + p.block_m, p.m);
  int64_t column = at.block_n * p.block_n, end = least(column + p.block_n, p.n);
  for (; row < last; row++)
    memset(at.c + row * p.c_row + column, 0, (end - column) * 4);
}

}  // namespace

size_t gemm_scratch(const GemmPlan& p) {
  return 4 * ((p.copy_a ? p.block_m * (kDepth + 16) : 0) + kDepth * W + R * W);
}

void gemm_pack(const GemmPlan& p, const StepContext& s, int64_t tile) {
  int64_t panels = ceil_div(p.n, W), groups = ceil_div(panels, p.pack_panels);
  Place at;
  locate(p, s, tile / groups, &at);
  int64_t first = tile % groups * p.pack_panels,
          last = least(first + p.pack_panels, panels);
  float* out = (float*)(s.shared + p.shared) + (at.product * panels + first) * p.k * W;
  for (int64_t i = first; i < last; i++, out += p.k * W) {
    if (__atomic_load_n(s.stop, __ATOMIC_RELAXED)) return;
    pack_panel(p, at.b + i * W * p.b_col, least(W, p.n - i * W), 0, p.k, out);
  }
}

void gemm(const GemmPlan& p, const StepContext& s, int64_t tile, char* scratch) {
  int64_t tiles = p.blocks_m * p.blocks_n, panels = ceil_div(p.n, W);
  Place at;
  locate(p, s, tile / tiles, &at);
  at.block_m = tile % tiles / p.blocks_n;
  at.block_n = tile % p.blocks_n;
  if (p.mode == GEMM_dots) return dots(p, at);
  const float* packed = nullptr;
  if (p.mode == GEMM_packed)
    packed = (const float*)(s.shared + p.shared) + at.product * panels * p.k * W;
  Room room = divide(p, scratch);
  if (p.k == 0) return clear(p, at);
  for (int64_t k0 = 0; k0 < p.k; k0 += kDepth) {
    if (__atomic_load_n(s.stop, __ATOMIC_RELAXED)) return;
    depth_block(p, at, packed, k0, room);
  }
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
