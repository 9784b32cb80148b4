// C = A B on the processor's tile unit (Intel AMX), which multiplies bfloat16 numbers.
//
// A float32 number is the sum of three bfloat16 ones: x = x0 + x1 + x2, exactly. Of the
// nine products of the pieces the six largest are summed in float32, so what is
// left out is at most 2^-23 of a product, and C is at least as near to the true sum as
// float32 arithmetic comes (Henry, Tang and Heinecke 2019, "Leveraging the bfloat16
// Artificial Intelligence Datatype For Higher-Precision Computations").
//
// Every element of C is summed in the same order, whatever part of it a call computes.
#include "products.h"

#include <immintrin.h>
#include <string.h>

#include "../numbers.h"

namespace pronghorn {
namespace avx512 {
extern const Kernels kernels;  // all but large products
}

namespace amx {
namespace {

constexpr int kSide = 16;              // rows of a tile, and its columns of float32
constexpr int64_t kSquare = 2 * kSide;  // rows and columns of C that are summed at once
constexpr int64_t kStep = 32;           // elements along K that a tile holds
constexpr int64_t kDepth = 256;         // of one block of K
constexpr int64_t kMostRows = 256;      // of A that are packed at a time: second cache
constexpr int kPieces = 3;
constexpr int64_t kPiece = kSide * kSide;        // in 32 bits: pairs of bfloat16
constexpr int64_t kBlock = kPieces * kPiece;     // a tile's three pieces
constexpr int64_t kSteps = kDepth / kStep;
constexpr int64_t kPanel = 2 * kSteps * kBlock;  // a square's rows, or its columns

// --- splitting

constexpr uint32_t kHigh = 0xffff0000, kHalf = 0x8000;
// From here on the first piece would be infinite, or is no number.
constexpr uint32_t kTooLarge = 0x7f7f8000;

// Two vectors become three, with a piece of both in each lane. The first piece is
// rounded, so that the others may have either sign. `odd` becomes NaN where a number is
// too large to be split.
inline void split(__m512 x, __m512 y, int32_t* out, __m512* odd) {
  const __m512i high = _mm512_set1_epi32((int)kHigh), half = _mm512_set1_epi32(kHalf);
  auto rounded = [&](__m512 v) {
    return _mm512_and_si512(_mm512_add_epi32(_mm512_castps_si512(v), half), high);
  };
  auto cut = [&](__m512 v) { return _mm512_and_si512(_mm512_castps_si512(v), high); };
  auto rest = [](__m512 v, __m512i piece) {
    return _mm512_sub_ps(v, _mm512_castsi512_ps(piece));
  };
  auto pair = [](__m512i a, __m512i b) {  // of numbers whose lower halves are zero
    return _mm512_or_si512(_mm512_srli_epi32(a, 16), b);
  };
  __m512i x0 = rounded(x), y0 = rounded(y);
  __m512 x_rest = rest(x, x0), y_rest = rest(y, y0);
  *odd = _mm512_fmadd_ps(x_rest, _mm512_setzero_ps(), *odd);
  *odd = _mm512_fmadd_ps(y_rest, _mm512_setzero_ps(), *odd);
  __m512i x1 = cut(x_rest), y1 = cut(y_rest);
  _mm512_store_si512(out, pair(x0, y0));
  _mm512_store_si512(out + kPiece, pair(x1, y1));
  __m512i x2 = _mm512_castps_si512(rest(x_rest, x1));  // eight bits are left
  __m512i y2 = _mm512_castps_si512(rest(y_rest, y1));
  _mm512_store_si512(out + 2 * kPiece, pair(x2, y2));
}

void transpose(__m512* r) {  // 16 x 16
  __m512 t[kSide];
#pragma GCC unroll 16
  for (int i = 0; i < kSide; i += 2) {
    t[i] = _mm512_unpacklo_ps(r[i], r[i + 1]);
    t[i + 1] = _mm512_unpackhi_ps(r[i], r[i + 1]);
  }
  auto pairs = [](__m512 v) { return _mm512_castps_pd(v); };
  auto low = [&](__m512 a, __m512 b) {
    return _mm512_castpd_ps(_mm512_unpacklo_pd(pairs(a), pairs(b)));
  };
  auto high = [&](__m512 a, __m512 b) {
    return _mm512_castpd_ps(_mm512_unpackhi_pd(pairs(a), pairs(b)));
  };
#pragma GCC unroll 16
  for (int i = 0; i < kSide; i += 4) {
    r[i] = low(t[i], t[i + 2]);
    r[i + 1] = high(t[i], t[i + 2]);
    r[i + 2] = low(t[i + 1], t[i + 3]);
    r[i + 3] = high(t[i + 1], t[i + 3]);
  }
  constexpr int kEven = 0x88, kOdd = 0xdd;  // quarters of two vectors
#pragma GCC unroll 16
  for (int i = 0; i < kSide; i += 8)
#pragma GCC unroll 16
    for (int j = i; j < i + 4; j++) {
      t[j] = _mm512_shuffle_f32x4(r[j], r[j + 4], kEven);
      t[j + 4] = _mm512_shuffle_f32x4(r[j], r[j + 4], kOdd);
    }
#pragma GCC unroll 16
  for (int j = 0; j < 8; j++) {
    r[j] = _mm512_shuffle_f32x4(t[j], t[j + 8], kEven);
    r[j + 8] = _mm512_shuffle_f32x4(t[j], t[j + 8], kOdd);
  }
}

// --- packing

// 16 vectors of memory, a row apart; zeros beyond the last row and lane.
struct Vectors {
  const float* at;
  int64_t row, rows;
  __mmask16 lanes;

  __m512 operator[](int64_t i) const {
    return i < rows ? _mm512_maskz_loadu_ps(lanes, at + i * row) : _mm512_setzero_ps();
  }
};

__mmask16 lanes(int64_t n) {
  return (__mmask16)((1u << most(0, least(n, kSide))) - 1);
}

// Rows of A, or columns of B: so many along `outer`, `depth` elements each.
struct Operand {
  const float* at;
  int64_t outer, inner;  // strides; one of them is 1
  int64_t count, depth;
  int64_t more;  // rows or columns that will be asked for, these included
};

// A tile is packed in so many parts, one each time that the registers are multiplied.
// All of it at once would fill the processor's window, and the tile unit would wait.
constexpr int kParts = 6, kTurning = 2;  // the first of them turn what must be turned
constexpr int kAtOnce = 2;               // tiles
constexpr int64_t kAhead = 8;            // tiles that are sent for before

struct Tile {
  Vectors x, y;
  int32_t* out;
  const float* ahead;  // of the tile that is sent for
  alignas(64) float turned[2][kSide][kSide];
};

void turn(const Vectors& from, float (*to)[kSide]) {
  __m512 r[kSide];
#pragma GCC unroll 16
  for (int i = 0; i < kSide; i++) r[i] = from[i];
  transpose(r);
#pragma GCC unroll 16
  for (int i = 0; i < kSide; i++) _mm512_store_ps(to[i], r[i]);
}

// Packs an operand tile by tile, some of them at a time. K is paired 16 elements apart,
// k and k + 16 in one lane: then no element changes its lane.
//
// A tile of A has a row of A in each row, and K along the lanes; a tile of B has K
// along its rows, and a column in each lane.
struct Packer {
  Operand from;
  bool turns;  // lanes of memory become rows
  int32_t* out;
  int64_t steps, tiles, done;
  __m512* odd;
  int now;
  Tile tile[kAtOnce];

  void start(const Operand& operand, bool keeps_rows, int32_t* to, __m512* found) {
    from = operand;
    turns = keeps_rows != (from.inner == 1);
    out = to;
    odd = found;
    steps = ceil_div(from.depth, kStep);
    tiles = ceil_div(from.count, kSide) * steps;
    done = 0;
  }

  const float* place(int64_t i) const {
    return from.at + i / steps * kSide * from.outer + i % steps * kStep * from.inner;
  }

  // The parts that follow are of the tiles before this one.
  void begin(int64_t until) {
    now = (int)(until - done);
    for (Tile* t = tile; done < until; t++, done++) {
      int64_t outer = from.count - done / steps * kSide;
      int64_t inner = from.depth - done % steps * kStep;
      const float* at = place(done);
      if (from.inner == 1) {
        t->x = {at, from.outer, outer, lanes(inner)};
        t->y = {at + kSide, from.outer, outer, lanes(inner - kSide)};
      } else {
        t->x = {at, from.inner, inner, lanes(outer)};
        t->y = {at + kSide * from.inner, from.inner, inner - kSide, lanes(outer)};
      }
      t->out = out + done * kBlock;
      int64_t next = done + kAhead;
      t->ahead = next / steps * kSide < from.more ? place(next) : nullptr;
    }
  }

  // Row i of a tile is a piece of x[i] and y[i], lane by lane.
  void pack_rows(const Tile& t, int64_t first, int64_t last) {
    __m512 found = *odd;  // in a register: what is stored might lie where `odd` does
    for (int64_t i = first; i < last; i++)
      split(t.x[i], t.y[i], t.out + i * kSide, &found);
    *odd = found;
  }

  // Row i of a tile is a piece of lane i of all x and y.
  void pack_lanes(Tile* t, int part) {
    if (part < kTurning) return turn(part ? t->y : t->x, t->turned[part]);
    constexpr int kRows = kSide / (kParts - kTurning);
    int first = kRows * (part - kTurning);
    __m512 found = *odd;
    for (int i = first; i < first + kRows; i++)
      split(_mm512_load_ps(t->turned[0][i]), _mm512_load_ps(t->turned[1][i]),
            t->out + i * kSide, &found);
    *odd = found;
  }

  // Only a hint: an address that is not there does no harm.
  void fetch(const Tile& t, int part) const {
    bool along = from.inner == 1;
    int64_t all = along ? kSide : kStep, row = along ? from.outer : from.inner;
    for (int64_t i = all * part / kParts; i < all * (part + 1) / kParts; i++) {
      _mm_prefetch((const char*)(t.ahead + i * row), _MM_HINT_T1);
      if (along) _mm_prefetch((const char*)(t.ahead + i * row + kSide), _MM_HINT_T1);
    }
  }

  inline __attribute__((always_inline)) void part(int number) {
    for (int i = 0; i < now; i++) {
      if (turns)
        pack_lanes(&tile[i], number);
      else
        pack_rows(tile[i], kSide * number / kParts, kSide * (number + 1) / kParts);
      if (tile[i].ahead) fetch(tile[i], number);
    }
  }

  void until(int64_t last) {
    while (done < last) {
      begin(done + 1);
      for (int i = 0; i < kParts; i++) part(i);
    }
  }
};

// --- multiplying

struct Square {  // of C: up to 32 x 32
  const int32_t *a, *b;  // packed
  int64_t steps;         // along K
  float* c;
  int64_t c_row, rows, columns;
  bool add;  // to what C holds
};

struct Ahead {  // what is packed while a square is multiplied
  Packer *a, *b;
  int64_t a_until, b_until;  // at most two tiles for each step along K
};

// Registers 0 to 3 hold C, 4 and 5 a piece of A's two tiles, 6 and 7 one of B's.
#define PH_LOAD_A(piece)                                                  \
  _tile_loadd(4, a + piece * kPiece, 64);                                 \
  if (High) _tile_loadd(5, a + tile + piece * kPiece, 64)
#define PH_LOAD_B(piece)                                                  \
  _tile_loadd(6, b + piece * kPiece, 64);                                 \
  if (Wide) _tile_loadd(7, b + tile + piece * kPiece, 64)
#define PH_MULTIPLY(number)                   \
  _tile_dpbf16ps(0, 4, 6);                    \
  if (Wide) _tile_dpbf16ps(1, 4, 7);          \
  if (High) _tile_dpbf16ps(2, 5, 6);          \
  if (High && Wide) _tile_dpbf16ps(3, 5, 7);  \
  ahead.a->part(number);                      \
  ahead.b->part(number)

// High, wide: two tiles, not one. The tile unit works beside the vector units, which
// meanwhile pack what it will want next.
template <bool High, bool Wide>
void multiply(const Square& s, float* c, int64_t c_row, const Ahead& ahead) {
  const int32_t *a = s.a, *b = s.b;
  const int64_t tile = s.steps * kBlock, bytes = 4 * c_row;
  float* below = c + kSide * c_row;
  asm volatile("" ::: "memory");  // what is packed, is stored
  if (s.add) {
    _tile_loadd(0, c, bytes);
    if (Wide) _tile_loadd(1, c + kSide, bytes);
    if (High) _tile_loadd(2, below, bytes);
    if (High && Wide) _tile_loadd(3, below + kSide, bytes);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  int64_t a_from = ahead.a->done, b_from = ahead.b->done;
  int64_t a_more = ahead.a_until - a_from, b_more = ahead.b_until - b_from;
  for (int64_t k = 0; k < s.steps; k++, a += kBlock, b += kBlock) {
    ahead.a->begin(a_from + a_more * (k + 1) / s.steps);
    ahead.b->begin(b_from + b_more * (k + 1) / s.steps);
    PH_LOAD_A(2);
    PH_LOAD_B(0);
    PH_MULTIPLY(0);
    PH_LOAD_A(1);
    PH_MULTIPLY(1);
    PH_LOAD_B(1);
    PH_MULTIPLY(2);
    PH_LOAD_A(0);
    PH_MULTIPLY(3);
    PH_LOAD_B(2);
    PH_MULTIPLY(4);
    PH_LOAD_B(0);
    PH_MULTIPLY(5);
  }
  _tile_stored(0, c, bytes);
  if (Wide) _tile_stored(1, c + kSide, bytes);
  if (High) _tile_stored(2, below, bytes);
  if (High && Wide) _tile_stored(3, below + kSide, bytes);
}

void copy_square(float* to, int64_t to_row, const float* from, int64_t from_row,
                 const Square& s) {
  for (int64_t i = 0; i < s.rows; i++)
    memcpy(to + i * to_row, from + i * from_row, 4 * s.columns);
}

// A square that is no whole number of tiles is computed beside C.
void multiply_square(const Square& s, const Ahead& ahead) {
  bool high = s.rows > kSide, wide = s.columns > kSide;
  typedef void (*Kernel)(const Square&, float*, int64_t, const Ahead&);
  static const Kernel kernels[] = {multiply<false, false>, multiply<false, true>,
                                   multiply<true, false>, multiply<true, true>};
  Kernel kernel = kernels[2 * high + wide];
  if (s.rows % kSide == 0 && s.columns % kSide == 0)
    return kernel(s, s.c, s.c_row, ahead);
  alignas(64) float beside[kSquare * kSquare];
  if (s.add) copy_square(beside, kSquare, s.c, s.c_row, s);
  kernel(s, beside, kSquare, ahead);
  copy_square(s.c, s.c_row, beside, kSquare, s);
}

struct Room {  // a worker's scratch
  int32_t *a, *b[2];
};

// One block of K: panels of B, one after the other, each over all rows.
void depth_block(const GemmPlan& p, const Operand& a, const Operand& b, float* c,
                 bool add, const Room& room, __m512* odd) {
  int64_t steps = ceil_div(a.depth, kStep), squares = ceil_div(a.count, kSquare);
  Packer rows, columns;
  auto panel = [&](int64_t column) {
    Operand part = b;
    part.at += column * b.outer;
    part.more = b.count - column;
    part.count = least(kSquare, part.more);
    columns.start(part, false, room.b[column / kSquare % 2], odd);
  };
  rows.start(a, true, room.a, odd);
  rows.until(least(2 * steps, rows.tiles));
  panel(0);
  columns.until(columns.tiles);
  for (int64_t column = 0; column < b.count; column += kSquare) {
    bool last = column + kSquare >= b.count;
    if (!last) panel(column + kSquare);
    for (int64_t i = 0; i < squares; i++) {
      int64_t row = i * kSquare;
      Square square = {room.a + 2 * i * steps * kBlock,
                       room.b[column / kSquare % 2],
                       steps,
                       c + row * p.c_row + column,
                       p.c_row,
                       least(kSquare, a.count - row),
                       least(kSquare, b.count - column),
                       add};
      Ahead ahead = {&rows, &columns, least(rows.tiles, 2 * (i + 2) * steps),
                     columns.done};
      if (!last) ahead.b_until = columns.tiles * (i + 1) / squares;
      multiply_square(square, ahead);
    }
  }
}

// --- infinities

// What is odd about a row of A or a column of B.
enum Odd : uint8_t { kPlain, kLarge, kNaN };

Odd oddness(const float* at, int64_t step, int64_t n) {
  Odd found = kPlain;
  for (int64_t k = 0; k < n; k++, at += step) {
    uint32_t bits;
    memcpy(&bits, at, 4);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return kNaN;
    if (bits >= kTooLarge) found = kLarge;
  }
  return found;
}

// The pieces of an infinite number, and of those next to it, cancel each other: what
// they made NaN is computed again, and what a NaN made so is left.
void repair(const GemmPlan& p, const int32_t* stop, const float* a, const float* b,
            float* c, int64_t rows, int64_t columns) {
  Odd of_row[kMostRows], of_column[kSquare];
  for (int64_t i = 0; i < rows; i++) of_row[i] = oddness(a + i * p.a_row, p.a_col, p.k);
  for (int64_t first = 0; first < columns; first += kSquare) {
    int64_t width = least(kSquare, columns - first);
    const float* y = b + first * p.b_col;
    for (int64_t j = 0; j < width; j++)
      of_column[j] = oddness(y + j * p.b_col, p.b_row, p.k);
    for (int64_t i = 0; i < rows; i++) {
      if (__atomic_load_n(stop, __ATOMIC_RELAXED)) return;
      const float* x = a + i * p.a_row;
      for (int64_t j = 0; j < width; j++) {
        float& out = c[i * p.c_row + first + j];
        if (out - out == 0 || of_row[i] == kNaN || of_column[j] == kNaN) continue;
        if (of_row[i] == kPlain && of_column[j] == kPlain) continue;
        float sum = 0;
        for (int64_t k = 0; k < p.k; k++)
          sum += x[k * p.a_col] * y[j * p.b_col + k * p.b_row];
        out = sum;
      }
    }
  }
}

// --- one part of a product

void part(const GemmPlan& p, const int32_t* stop, const float* a, const float* b,
          float* c, int64_t rows, int64_t columns, const Room& room) {
  __m512 odd = _mm512_setzero_ps();
  for (int64_t k = 0; k < p.k; k += kDepth) {
    if (__atomic_load_n(stop, __ATOMIC_RELAXED)) return;
    int64_t depth = least(kDepth, p.k - k);
    Operand of_a = {a + k * p.a_col, p.a_row, p.a_col, rows, depth, rows};
    Operand of_b = {b + k * p.b_row, p.b_col, p.b_row, columns, depth, columns};
    depth_block(p, of_a, of_b, c, k > 0, room, &odd);
  }
  if (_mm512_cmp_ps_mask(odd, odd, _CMP_UNORD_Q))
    repair(p, stop, a, b, c, rows, columns);
}

struct Configuration {  // of the tile unit: bytes of a row, and rows, of each register
  uint8_t palette, start_row, reserved[14];
  uint16_t bytes[16];
  uint8_t rows[16];
};

void configure() {
  Configuration c = {};
  c.palette = 1;
  for (int i = 0; i < 8; i++) {
    c.bytes[i] = 64;
    c.rows[i] = kSide;
  }
  // gcc's intrinsics do not say all that they read.
  asm volatile("" ::: "memory");
  _tile_loadconfig(&c);
}

void gemm_tiles(const GemmPlan& p, const StepContext& s, const GemmTile& t,
                char* scratch) {
  int32_t* at = (int32_t*)(((uintptr_t)scratch + 63) & ~(uintptr_t)63);
  Room room = {at + 2 * kPanel, {at, at + kPanel}};
  configure();
  for (int64_t i = 0; i < t.products; i++) {
    Place place;
    locate(p, s, t.product + i, &place);
    for (int64_t row = 0; row < t.rows; row += kMostRows)
      part(p, s.stop, place.a + (t.row + row) * p.a_row, place.b + t.column * p.b_col,
           place.c + (t.row + row) * p.c_row + t.column,
           least(kMostRows, t.rows - row), t.columns, room);
  }
  _tile_release();  // the system has less to save, and the core can rest
}

size_t scratch_bytes(const GemmPlan& p) {
  if (p.mode != GEMM_tiles) return avx512::kernels.gemm_scratch(p);
  int64_t rows = ceil_div(least(p.m, kMostRows), kSquare);
  return 64 + 4 * kPanel * (2 + rows);
}

void gemm(const GemmPlan& p, const StepContext& s, const GemmTile& t, char* scratch) {
  return p.mode == GEMM_tiles ? gemm_tiles(p, s, t, scratch)
                              : avx512::kernels.gemm(p, s, t, scratch);
}

}  // namespace

const Kernels* kernels() {
  static Kernels table;
  table = avx512::kernels;
  table.name = "amx";
  table.gemm_shape.square = kSquare;
  table.gemm_shape.square_rows = kMostRows;
  table.gemm_scratch = scratch_bytes;
  table.gemm = gemm;
  return &table;
}

}  // namespace amx
}  // namespace pronghorn
