// C = A B in float32.
//
// Every element of C is the sum over blocks of K, in order, of sums over the block's
// columns, in order, whatever register tile or thread computes it. Where a sum over the
// batch is cut into parts, that is so of each, and they are added in order.
#include "kernels_of_isa.h"

namespace pronghorn {
namespace PRONGHORN_ISA_NAME {
namespace {

// A register tile is R rows of V vectors: few rows of many vectors where the registers
// allow it, as every element of A is then used more often.
constexpr int V = kGemmVectors;
constexpr int W = V * kLanes;  // columns of the widest panel of B
constexpr int R = kGemmRows;   // rows of the highest tile, of one or two vectors
constexpr int kStrip = kGemmStrip;  // rows of a tile of any width
constexpr int64_t kDepth = kGemmDepth;

struct Micro {
  const float *a, *b;
  float* c;
  int64_t depth, a_row, a_col, b_row, c_row;
  bool add;  // to what C holds
};

// Rows x (Vectors * lanes) of C, over one block of K. Rows are reached from every third
// one, which costs a third of the pointers and no arithmetic on x86. `Packing` stores
// in `out` what is read of B, for the rows below: the multipliers lose no time by it.
template <int Rows, int Vectors, bool Packing>
inline void sum_tile(const Micro& t, float* out) {
  constexpr int kFetch = 8;  // rows of B
  vf sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) sum[i][j] = vf{};
  constexpr int kBases = (Rows + 2) / 3;
  const float* base[kBases];
  // Fields are read once: what is stored below could be a field, for all a compiler
  // knows.
  const int64_t a_row = t.a_row, a_col = t.a_col, b_row = t.b_row, c_row = t.c_row;
#pragma GCC unroll 16
  for (int g = 0; g < kBases; g++) base[g] = t.a + 3 * g * a_row;
  const float* b = t.b;
  for (int64_t k = 0; k < t.depth; k++, b += b_row) {
    vf row[Vectors];
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) {
      row[j] = load(b + j * kLanes);
      if (!Packing) continue;
      __builtin_prefetch(b + kFetch * b_row + j * kLanes);
      store(out + j * kLanes, row[j]);
    }
    if (Packing) out += Vectors * kLanes;
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++) {
      vf x = splat(base[i / 3][(i % 3) * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < Vectors; j++) sum[i][j] += x * row[j];
    }
#pragma GCC unroll 16
    for (int g = 0; g < kBases; g++) base[g] += a_col;
  }
  float* c = t.c;
  if (t.add)
#pragma GCC unroll 16
    for (int i = 0; i < Rows; i++)
#pragma GCC unroll 16
      for (int j = 0; j < Vectors; j++) sum[i][j] += load(c + i * c_row + j * kLanes);
#pragma GCC unroll 16
  for (int i = 0; i < Rows; i++)
#pragma GCC unroll 16
    for (int j = 0; j < Vectors; j++) store(c + i * c_row + j * kLanes, sum[i][j]);
}

template <int Rows, int Vectors>
void micro(const Micro& t) {
  sum_tile<Rows, Vectors, false>(t, nullptr);
}

// The widest panel's highest tile.
void micro_packing(const Micro& t, float* out) { sum_tile<kStrip, V, true>(t, out); }

typedef void (*MicroKernel)(const Micro&);

#if PH_LANES == 16
// Three vectors wide, a tile of so many rows would not fit the registers.
template <int Rows, int Vectors>
constexpr MicroKernel high() {
  if constexpr (Vectors < 3)
    return micro<Rows, Vectors>;
  else
    return nullptr;
}
#endif

// By number of rows.
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
      high<9, Vectors>(),
      high<10, Vectors>(),
      high<11, Vectors>(),
      high<12, Vectors>(),
#endif
  };
  return table[rows];
}

// The vectors of the next panel, so that none is left alone in the last one.
int panel_vectors(int64_t columns) {
  int64_t vectors = ceil_div(columns, kLanes);
  if (vectors == 1) return 1;
  return V < 3 || vectors == 2 || vectors == 4 ? 2 : 3;
}

// Fewer elements than a vector has: calling memcpy takes longer than copying them.
inline void copy_few(float* to, const float* from, int64_t n) {
#pragma GCC unroll 4
  for (int64_t part = kLanes / 2; part; part /= 2) {
    if (!(n & part)) continue;
    memcpy(to, from, part * 4);
    to += part;
    from += part;
  }
}

// Any number of them.
inline void copy_columns(float* to, const float* from, int64_t n) {
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) store(to + i, load(from + i));
  copy_few(to + i, from + i, n - i);
}

// --- packing: panels of B, of whole vectors, zeros beyond the last column

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

#if PH_LANES == 16
#if defined(__clang__)
#define PH_MIX(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define PH_MIX(a, b, ...) __builtin_shuffle(a, b, vi{__VA_ARGS__})
#endif
// Of each pair of vectors, blocks of `size` lanes change places: `low` and `high` say
// what becomes of the two.
#define PH_LANES_OF(...) __VA_ARGS__
#define PH_EXCHANGE(size, low, high)                        \
  static inline void exchange##size(vf* r) {                \
    _Pragma("GCC unroll 16") for (int i = 0; i < 16; i++) { \
      if (i & size) continue;                               \
      vf a = r[i], b = r[i + size];                         \
      r[i] = PH_MIX(a, b, PH_LANES_OF low);                 \
      r[i + size] = PH_MIX(a, b, PH_LANES_OF high);         \
    }                                                       \
  }
PH_EXCHANGE(8, (0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23),
            (8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31))
PH_EXCHANGE(4, (0, 1, 2, 3, 16, 17, 18, 19, 8, 9, 10, 11, 24, 25, 26, 27),
            (4, 5, 6, 7, 20, 21, 22, 23, 12, 13, 14, 15, 28, 29, 30, 31))
PH_EXCHANGE(2, (0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29),
            (2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31))
PH_EXCHANGE(1, (0, 16, 2, 18, 4, 20, 6, 22, 8, 24, 10, 26, 12, 28, 14, 30),
            (1, 17, 3, 19, 5, 21, 7, 23, 9, 25, 11, 27, 13, 29, 15, 31))

// 16 x 16: out[k][j] = in[j][k]
void transpose_lanes(const float* in, int64_t in_row, float* out, int64_t out_row) {
  vf r[16];
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) r[i] = load(in + i * in_row);
  exchange8(r);
  exchange4(r);
  exchange2(r);
  exchange1(r);
#pragma GCC unroll 16
  for (int i = 0; i < 16; i++) store(out + i * out_row, r[i]);
}
#endif

template <int Vectors>
void copy_vectors(const float* b, int64_t b_row, int64_t depth, float* out) {
  for (int64_t k = 0; k < depth; k++, b += b_row, out += Vectors * kLanes)
    for (int j = 0; j < Vectors; j++) store(out + j * kLanes, load(b + j * kLanes));
}

void pack_columns(const float* b, int64_t b_row, int64_t depth, int64_t width,
                  int64_t room, float* out) {
  if (width == 3 * kLanes) return copy_vectors<3>(b, b_row, depth, out);
  if (width == 2 * kLanes) return copy_vectors<2>(b, b_row, depth, out);
  if (width == kLanes) return copy_vectors<1>(b, b_row, depth, out);
  for (int64_t k = 0; k < depth; k++, b += b_row, out += room) {
    store(out + room - kLanes, vf{});
    copy_columns(out, b, width);
  }
}

// As many columns as a block of `Size` x `Size` has, one below the other.
template <int Size, void (*Transpose)(const float*, int64_t, float*, int64_t)>
void turn_columns(const float* in, int64_t b_col, int64_t depth, float* out,
                  int64_t room) {
  int64_t k = 0;
  for (; k + Size <= depth; k += Size) Transpose(in + k, b_col, out + k * room, room);
  for (; k < depth; k++)
    for (int i = 0; i < Size; i++) out[k * room + i] = in[i * b_col + k];
}

// K runs along memory: blocks are turned.
void pack_turned(const float* b, int64_t b_col, int64_t depth, int64_t width,
                 int64_t room, float* out) {
  int64_t j = 0;
#if PH_LANES == 16
  for (; j + kLanes <= width; j += kLanes)
    turn_columns<kLanes, transpose_lanes>(b + j * b_col, b_col, depth, out + j, room);
#endif
  for (; j + 4 <= width; j += 4)
    turn_columns<4, transpose4>(b + j * b_col, b_col, depth, out + j, room);
  for (; j < room; j++)
    for (int64_t k = 0; k < depth; k++)
      out[k * room + j] = j < width ? b[j * b_col + k] : 0;
}

void pack_any(const float* b, int64_t b_row, int64_t b_col, int64_t depth,
              int64_t width, int64_t room, float* out) {
  for (int64_t k = 0; k < depth; k++)
    for (int64_t j = 0; j < room; j++)
      out[k * room + j] = j < width ? b[k * b_row + j * b_col] : 0;
}

// `room`: the panel's columns in whole vectors.
void pack_panel(const GemmPlan& p, const float* b, int64_t width, int64_t room,
                int64_t k0, int64_t depth, float* out) {
  b += k0 * p.b_row;
  if (p.b_col == 1 || width == 1)
    return pack_columns(b, p.b_row, depth, width, room, out);
  if (p.b_row == 1) return pack_turned(b, p.b_col, depth, width, room, out);
  pack_any(b, p.b_row, p.b_col, depth, width, room, out);
}

// --- packing: strips of A, one row's element beside the other's, `depth` of them

// A's rows lie side by side: some k of all strips at a time, in the order of memory.
void pack_beside(const float* a, int64_t a_col, int64_t rows, int64_t depth,
                 float* out) {
  constexpr int64_t kAtOnce = 16;
  for (int64_t k = 0; k < depth; k += kAtOnce) {
    int64_t last = least(k + kAtOnce, depth), i = 0;
    for (; i + kStrip <= rows; i += kStrip)
      for (int64_t l = k; l < last; l++)
        memcpy(out + i * depth + l * kStrip, a + l * a_col + i, 4 * kStrip);
    for (int64_t l = k; i < rows && l < last; l++)
      memcpy(out + i * depth + l * (rows - i), a + l * a_col + i, 4 * (rows - i));
  }
}

void pack_strips(const GemmPlan& p, const float* a, int64_t rows, int64_t depth,
                 float* out) {
  if (p.a_row == 1) return pack_beside(a, p.a_col, rows, depth, out);
  for (int64_t i = 0; i < rows; i += kStrip) {
    const float* strip = a + i * p.a_row;
    int64_t height = least(kStrip, rows - i);
    if (p.a_col == 1)
      pack_turned(strip, p.a_row, depth, height, height, out + i * depth);
    else
      pack_any(strip, p.a_col, p.a_row, depth, height, height, out + i * depth);
  }
}

// --- one tile of C

// Whole vectors past C's last column go through `spill`.
void narrow_tile(MicroKernel kernel, Micro t, int64_t rows, int64_t width,
                 float* spill) {
  float* c = t.c;
  int64_t c_row = t.c_row;
  for (int64_t i = 0; t.add && i < rows; i++)
    copy_columns(spill + i * W, c + i * c_row, width);
  t.c = spill;
  t.c_row = W;
  kernel(t);
  for (int64_t i = 0; i < rows; i++) copy_columns(c + i * c_row, spill + i * W, width);
}

MicroKernel kernel_of(int vectors, int64_t rows) {
#if PH_LANES == 16
  if (vectors == 3) return kernel_for<3>(rows);
#endif
  return vectors == 1 ? kernel_for<1>(rows) : kernel_for<2>(rows);
}

// A register tile of any size.
void strip(const Micro& t, int vectors, int64_t rows, int64_t width, float* spill) {
  MicroKernel kernel = kernel_of(vectors, rows);
  if (width == vectors * kLanes)
    kernel(t);
  else
    narrow_tile(kernel, t, rows, width, spill);
}

// C is on its way while the products are summed.
void fetch_tile(const float* c, int64_t c_row, int64_t rows, int64_t width) {
  for (int64_t i = 0; i < rows; i++)
    for (int64_t j = 0; j < width; j += kLanes)
      __builtin_prefetch(c + i * c_row + j, 1);
}

struct Panel {  // of B, and C's columns of the tile
  int vectors;
  int64_t rows, width;
  float* packing;  // where the first strip packs it, or null
  float* spill;
};

void one_strip(Micro* t, Panel* p, int64_t height) {
  if (!p->packing) return strip(*t, p->vectors, height, p->width, p->spill);
  micro_packing(*t, p->packing);
  t->b = p->packing;
  t->b_row = W;
  p->packing = nullptr;
}

// Rows in strips that were packed.
void rows_packed(Micro t, Panel p) {
  const float* a = t.a;
  t.a_row = 1;
  for (int64_t i = 0; i < p.rows; i += kStrip, t.c += kStrip * t.c_row) {
    int64_t height = least(kStrip, p.rows - i);
    fetch_tile(t.c, t.c_row, height, p.width);
    t.a = a + i * t.depth;
    t.a_col = height;
    one_strip(&t, &p, height);
  }
}

int64_t strips_of(int vectors, int64_t rows) {
  return ceil_div(rows, vectors == 3 ? kStrip : R);
}

// Rows are split evenly into strips of at most as many as a register tile has.
void rows_in_place(Micro t, Panel p) {
  int64_t strips = strips_of(p.vectors, p.rows), least_rows = p.rows / strips,
          longer = p.rows % strips;
  const float* a = t.a;
  float* c = t.c;
  for (int64_t s = 0; s < strips; s++) {
    int64_t height = least_rows + (s < longer);
    t.a = a;
    t.c = c;
    one_strip(&t, &p, height);
    a += height * t.a_row;
    c += height * t.c_row;
  }
}

// Two rows: wide register tiles hide the latency that few rows cannot.
void thin_panels(Micro t, int64_t* column, int64_t end) {
  constexpr int kWide = 4 * kLanes;
  for (; *column + kWide <= end; *column += kWide, t.b += kWide, t.c += kWide)
    micro<2, 4>(t);
}

// --- one row: B is read once, in the order of memory where it is not too wide

struct RowSum {
  const float *a, *b, *b_end;
  float *c, *room;
  int64_t depth, a_col, b_row, width;
  bool add;
};

// Up to Vectors * lanes columns. Whole vectors are read past a row's end, into the next
// row; where B has no next row, a copy of its last elements is read.
template <int Vectors>
void row_columns(const RowSum& t) {
  constexpr int64_t kColumns = Vectors * kLanes, kFetch = 1024;
  vf sum[Vectors];
#pragma GCC unroll 8
  for (int j = 0; j < Vectors; j++) sum[j] = vf{};
  const int64_t a_col = t.a_col, b_row = t.b_row, depth = t.depth;
  const float *a = t.a, *b = t.b;
  int64_t whole = depth, k = 0;
  if (t.b_end - b < (depth - 1) * b_row + kColumns) {
    int64_t last = t.b_end - b - kColumns;  // the last place to read from
    whole = last < 0 ? 0 : b_row ? last / b_row + 1 : depth;
  }
  for (;;) {
    for (; k < whole; k++, a += a_col, b += b_row) {
      vf x = splat(*a);
#pragma GCC unroll 8
      for (int j = 0; j < Vectors; j++) {
        if (Vectors >= 4) __builtin_prefetch(b + kFetch + j * kLanes);
        sum[j] += x * load(b + j * kLanes);
      }
    }
    if (k == depth) break;
    copy_columns(t.room, b, t.b_end - b);
    b = t.room;
    whole = depth;
  }
  float* c = t.c;
  int64_t last = (Vectors - 1) * kLanes, rest = t.width - last;
  float tail[kLanes] = {};
  if (t.add) {
#pragma GCC unroll 8
    for (int j = 0; j < Vectors - 1; j++) sum[j] += load(c + j * kLanes);
    copy_columns(tail, c + last, rest);
    sum[Vectors - 1] += load(tail);
  }
#pragma GCC unroll 8
  for (int j = 0; j < Vectors - 1; j++) store(c + j * kLanes, sum[j]);
  if (rest == kLanes) return store(c + last, sum[Vectors - 1]);
  store(tail, sum[Vectors - 1]);
  copy_few(c + last, tail, rest);
}

void one_row(RowSum t, int64_t columns) {
  typedef void (*Kernel)(const RowSum&);
  static const Kernel kernels[] = {nullptr,        row_columns<1>, row_columns<2>,
                                   row_columns<3>, row_columns<4>, row_columns<5>,
                                   row_columns<6>, row_columns<7>, row_columns<8>};
  while (columns > 0) {
    t.width = least(columns, 8 * kLanes);
    kernels[ceil_div(t.width, kLanes)](t);
    columns -= t.width;
    t.b += t.width;
    t.c += t.width;
  }
}

struct Room {  // a worker's scratch: a panel of B, a register tile of C, strips of A
  float *panel, *spill, *strips;
};

// B lies row by row, and a whole register tile comes first.
bool first_strip_packs(const GemmPlan& p, int64_t rows, int64_t width) {
  int64_t first = p.pack_a ? least(rows, kStrip) : ceil_div(rows, strips_of(V, rows));
  return p.mode == GEMM_panels && p.b_col == 1 && width == W && first == kStrip;
}

// One block of K: every panel of the tile.
void depth_block(const GemmPlan& p, const Place& at, const GemmTile& tile,
                 const float* packed, int64_t k0, const Room& room) {
  int64_t row = tile.row, rows = tile.rows;
  int64_t column = tile.column, end = column + tile.columns;
  int64_t depth = least(kDepth, p.k - k0);
  Micro t = {};
  t.a = at.a + row * p.a_row + k0 * p.a_col;
  t.a_row = p.a_row;
  t.a_col = p.a_col;
  t.depth = depth;
  t.c_row = p.c_row;
  t.add = k0 > 0;
  if (p.mode == GEMM_direct && rows <= 2) {
    t.b = at.b + k0 * p.b_row + column;
    t.b_row = p.b_row;
    t.c = at.c + row * p.c_row + column;
    if (rows == 1)
      return one_row(RowSum{t.a, t.b, at.b_end, t.c, room.panel, depth, t.a_col,
                            t.b_row, 0, t.add},
                     tile.columns);
    thin_panels(t, &column, end);
  }
  if (p.pack_a) pack_strips(p, t.a, rows, depth, room.strips);
  while (column < end) {
    int vectors = panel_vectors(end - column);
    int64_t columns = vectors * kLanes, width = least(columns, end - column);
    Panel panel = {vectors, rows, width, nullptr, room.spill};
    const float* b = at.b + column * p.b_col;
    t.c = at.c + row * p.c_row + column;
    t.b = b + k0 * p.b_row;
    t.b_row = p.b_row;
    if (packed) {
      t.b = packed + column * p.k + k0 * columns;
      t.b_row = columns;
    } else if (first_strip_packs(p, rows, width)) {
      panel.packing = room.panel;
    } else if (p.mode == GEMM_panels || width < columns) {
      pack_panel(p, b, width, columns, k0, depth, room.panel);
      t.b = room.panel;
      t.b_row = columns;
    }
    if (p.pack_a) {
      t.a = room.strips;
      rows_packed(t, panel);
    } else {
      rows_in_place(t, panel);
    }
    column += columns;
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
void dots(const GemmPlan& p, const Place& at, const GemmTile& t) {
  for (int64_t j = t.column; j < t.column + t.columns; j++)
    for (int64_t i = t.row; i < t.row + t.rows; i++)
      at.c[i * p.c_row + j] = dot(at.a + i * p.a_row, at.b + j * p.b_col, p.k);
}

// Columns of one row, side by side: each of them waits for its own sum.
template <int Columns>
void tiny_columns(const GemmPlan& p, const float* a, const float* b, float* c) {
  float sum[Columns] = {};
  for (int64_t k = 0; k < p.k; k++, a += p.a_col, b += p.b_row)
#pragma GCC unroll 8
    for (int j = 0; j < Columns; j++) sum[j] += *a * b[j * p.b_col];
#pragma GCC unroll 8
  for (int j = 0; j < Columns; j++) c[j] = sum[j];
}

void tiny(const GemmPlan& p, const Place& at, const GemmTile& t) {
  for (int64_t i = t.row; i < t.row + t.rows; i++) {
    const float *a = at.a + i * p.a_row, *b = at.b + t.column * p.b_col;
    float* c = at.c + i * p.c_row + t.column;
    int64_t j = 0;
    for (; j + 8 <= t.columns; j += 8) tiny_columns<8>(p, a, b + j * p.b_col, c + j);
    for (; j + 3 <= t.columns; j += 3) tiny_columns<3>(p, a, b + j * p.b_col, c + j);
    for (; j < t.columns; j++) tiny_columns<1>(p, a, b + j * p.b_col, c + j);
  }
}

// A sum of nothing.
void clear(const GemmPlan& p, const Place& at, const GemmTile& t) {
  for (int64_t i = t.row; i < t.row + t.rows; i++)
    memset(at.c + i * p.c_row + t.column, 0, t.columns * 4);
}

void one_product(const GemmPlan& p, const StepContext& s, const GemmTile& tile,
                 char* scratch) {
  Place at;
  locate(p, s, tile.product, &at);
  if (p.mode == GEMM_dots) return dots(p, at, tile);
  if (p.mode == GEMM_tiny) return tiny(p, at, tile);
  const float* packed = nullptr;
  if (p.mode == GEMM_packed) packed = (const float*)(s.shared + p.shared);
  float *panel = (float*)scratch, *spill = panel + kDepth * W;
  Room room = {panel, spill, spill + R * W};
  if (p.k == 0) return clear(p, at, tile);
  // There is room for the strips of so many rows; a short product is one tile.
  GemmTile part = tile;
  for (int64_t row = 0; row < tile.rows; row += part.rows) {
    part.row = tile.row + row;
    part.rows = p.pack_a ? least(p.block_m, tile.rows - row) : tile.rows;
    for (int64_t k0 = 0; k0 < p.k; k0 += kDepth) {
      if (__atomic_load_n(s.stop, __ATOMIC_RELAXED)) return;
      depth_block(p, at, part, packed, k0, room);
    }
  }
}

}  // namespace

size_t gemm_scratch(const GemmPlan& p) {
  int64_t strips = p.pack_a ? kDepth * p.block_m : 0;
  return 4 * (kDepth * W + R * W + strips);
}

// Every so many panels of B.
void gemm_pack(const GemmPlan& p, const StepContext& s, int64_t part) {
  const float* b = (const float*)s.pointer[p.b];
  float* out = (float*)(s.shared + p.shared);
  int64_t columns, column = 0;
  for (int64_t i = 0; column < p.n; i++, column += columns) {
    columns = panel_vectors(p.n - column) * kLanes;
    if (i % p.pack_parts != part) continue;
    if (__atomic_load_n(s.stop, __ATOMIC_RELAXED)) return;
    pack_panel(p, b + column * p.b_col, least(columns, p.n - column), columns, 0, p.k,
               out + column * p.k);
  }
}

void gemm(const GemmPlan& p, const StepContext& s, const GemmTile& tile,
          char* scratch) {
  GemmTile one = tile;
  for (int64_t i = 0; i < tile.products; i++, one.product++)
    one_product(p, s, one, scratch);
}

void gemm_add(const GemmPlan& p, const StepContext& s, int64_t first, int64_t last) {
  float* c = (float*)s.pointer[p.c];
  const float* part = (const float*)(s.shared + p.shared);
  int64_t size = p.m * p.n, i = first;
  for (; i + kLanes <= last; i += kLanes) {
    vf sum = load(c + i);
    for (int64_t j = 0; j < p.parts - 1; j++) sum += load(part + j * size + i);
    store(c + i, sum);
  }
  for (; i < last; i++)
    for (int64_t j = 0; j < p.parts - 1; j++) c[i] += part[j * size + i];
}

}  // namespace PRONGHORN_ISA_NAME
}  // namespace pronghorn
