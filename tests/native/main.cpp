// Runs all tests, or those whose names contain the second argument:
//   engine_tests CORPUS [NAME]
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "corpus.h"

namespace testing {
namespace {

Test* first;
int failed_checks;
constexpr int kTold = 20;  // of one test; more of the same helps nobody
int told;

double seconds() {
  timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec * 1e-9;
}

bool run_one(const Test& test) {
  int before = failed_checks;
  double start = seconds();
  told = 0;
  test.body();
  bool good = failed_checks == before;
  printf("%-6s %s (%.2f s)\n", good ? "ok" : "FAILED", test.name, seconds() - start);
  fflush(stdout);
  return good;
}

}  // namespace

Test::Test(const char* name_, void (*body_)())
    : name(name_), body(body_), next(nullptr) {
  Test** last = &first;
  while (*last) last = &(*last)->next;
  *last = this;
}

void failed(const char* file, int line, const char* format, ...) {
  failed_checks++;
  if (++told > kTold) return;
  va_list arguments;
  va_start(arguments, format);
  const char* name = strrchr(file, '/');
  fprintf(stderr, "%s:%d: ", name ? name + 1 : file, line);
  vfprintf(stderr, format, arguments);
  fprintf(stderr, "\n");
  va_end(arguments);
}

int failures() { return failed_checks; }
void forgive(int count) { failed_checks -= count; }

int run_all(const char* wanted) {
  int good = 0, bad = 0;
  for (Test* test = first; test; test = test->next)
    if (!wanted || strstr(test->name, wanted)) run_one(*test) ? good++ : bad++;
  printf("%d passed, %d failed\n", good, bad);
  return bad || !good;
}

}  // namespace testing

int main(int count, char** arguments) {
  if (count < 2 || !read_corpus(arguments[1])) {
    fprintf(stderr, "usage: engine_tests CORPUS [NAME]\n");
    return 2;
  }
  return testing::run_all(count > 2 ? arguments[2] : nullptr);
}
