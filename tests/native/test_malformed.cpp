// Malformed programs are refused, or run inside of their own memory: a sanitizer
// watches.
#include <string.h>

#include "check.h"
#include "corpus.h"
#include "rng.h"
#include "threads.h"

using namespace pronghorn;

namespace {

constexpr size_t kMaxWords = 1500;
constexpr int kWords = 4;               // bytes of one
constexpr int32_t kMaxLines = 1 << 16;  // of an arena, 4 MB: memory is not the matter
const int32_t kValues[] = {INT32_MIN, -1, 0, 1, 2, 7, 100, 65535, 1 << 20, INT32_MAX};

struct Random {
  uint32_t state;
  uint32_t next() { return state = rng_mix(state + 0x9e3779b9u); }
  int32_t below(int32_t n) { return (int32_t)(next() % (uint32_t)n); }
};

int32_t word(const Bytes& program, size_t i) {
  int32_t w;
  memcpy(&w, &program[kWords * i], kWords);
  return w;
}

void set_word(Bytes* program, size_t i, int32_t w) {
  memcpy(&(*program)[kWords * i], &w, kWords);
}

bool stop_at_once(void*) { return true; }

// Runs what passes the checks; returns whether it did.
bool run_anyway(const Case& c, const Bytes& program) {
  if (program.size() >= 20 && word(program, 4) > kMaxLines) return false;
  Machine m(c, instruction_sets().back());
  if (!m.open(program)) return false;
  m.run.interrupted = stop_at_once;  // a changed size may mean hours of work
  m.pass();
  return true;
}

// Small programs, a few of each kind.
std::vector<const Case*> small_cases() {
  std::vector<const Case*> found;
  size_t every = testing::kSlow ? 7 : 3;
  for (size_t i = 0; i < corpus().size(); i++) {
    const Case& c = corpus()[i];
    bool special = !c.name.compare(0, 5, "train") || c.name == "fault";
    if ((i % every == 0 || special) && c.program.size() < kMaxWords * kWords &&
        c.rows < 400)
      found.push_back(&c);
  }
  return found;
}

}  // namespace

TEST(programs_cut_anywhere_are_refused) {
  int cut = 0;
  for (const Case* c : small_cases())
    for (size_t size = 0; size < c->program.size(); size += 1 + size / 64, cut++) {
      Bytes program(c->program.begin(), c->program.begin() + size);
      if (size >= 12) set_word(&program, 2, (int32_t)(size / kWords));
      CHECK(!run_anyway(*c, program), "%s runs with %zu bytes", c->name.c_str(), size);
    }
  CHECK(cut > 1000, "%d cuts only", cut);
}

TEST(a_changed_word_does_no_harm) {
  int ran = 0, refused = 0;
  Random random = {1};
  for (const Case* c : small_cases()) {
    size_t words = c->program.size() / kWords, stride = testing::kSlow ? 5 : 2;
    for (size_t i = random.below(3); i < words; i += 1 + random.below(2 * stride)) {
      Bytes program = c->program;
      set_word(&program, i, kValues[random.below(10)]);
      run_anyway(*c, program) ? ran++ : refused++;
    }
  }
  CHECK(ran > 200 && refused > 200, "%d ran, %d were refused", ran, refused);
}

TEST(many_changed_words_do_no_harm) {
  pool_set_threads(2);
  set_parallel_threshold(0);
  int ran = 0, refused = 0;
  Random random = {2};
  for (const Case* c : small_cases())
    for (int round = 0; round < (testing::kSlow ? 30 : 150); round++) {
      Bytes program = c->program;
      size_t words = program.size() / kWords;
      // Small numbers, and words that stand elsewhere: many of them make sense.
      for (int n = 1 + random.below(3); n; n--) {
        int32_t other = word(program, 12 + random.below((int32_t)words - 12));
        set_word(&program, 3 + random.below((int32_t)words - 3),
                 random.below(2) ? other : random.below(43) - 3);
      }
      run_anyway(*c, program) ? ran++ : refused++;
    }
  CHECK(ran > 200 && refused > 200, "%d ran, %d were refused", ran, refused);
  set_parallel_threshold(-1);
  pool_set_threads(1);
}
