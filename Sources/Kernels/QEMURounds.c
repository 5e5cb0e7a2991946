// The rounds of pre-copy with QEMU's rule, row by row: `Rounds` in MigrationModels over a
// `SaturatingDirtyProcess` and a `DowntimeLimitRule`, operation by operation.
#include "Level.h"

#include <math.h>

INLINE double wire(
    double normal, double zero, double pageSize, const cutover_qemu_constants *constants) {
  return normal + normal / pageSize * constants->pageHeader +
         zero / pageSize * constants->zeroPageHeader;
}

typedef struct {
  double total, pause, sent, rounds;
  uint8_t end;
} outcome;

INLINE outcome migrate(
    double memory, double used, double bandwidth, double rate, double set, double downtimeLimit,
    double resume, double pageSize, double limit, const cutover_qemu_constants *constants) {
  const outcome none = {NAN, NAN, NAN, NAN, CUTOVER_DOES_NOT_END};
  double elapsed = 0, sent = 0, count = 0, last = 0, measured = bandwidth;
  double zero = memory - used, dirty = used;
  uint8_t end = CUTOVER_DOES_NOT_END;
  while (count < constants->roundBound) {
    if (count > 0) {
      if ((dirty + zero) / measured <= downtimeLimit) {
        end = CUTOVER_ENDS_AT_DOWNTIME_LIMIT;
      } else if (count >= limit) {
        end = CUTOVER_ENDS_AT_ROUND_LIMIT;
      }
    }
    double bytes = wire(dirty, zero, pageSize, constants);
    last = bytes / bandwidth;
    if (last > 0) measured = bytes / last;
    elapsed += last;
    sent += bytes;
    count += 1;
    if (end != CUTOVER_DOES_NOT_END) break;
    double before = dirty;
    zero = 0;
    dirty = set > 0 && last > 0 ? set * -expm1(-rate * last / set) : 0;
    if (!(dirty < used)) dirty = used;
    if (isinf(limit) && count >= constants->stallStart && dirty >= before) return none;
  }
  if (end == CUTOVER_DOES_NOT_END) return none;
  double total = constants->setupTime + elapsed + resume;
  if (!isfinite(total) || !isfinite(sent)) return none;
  return (outcome){total, last + resume, sent, count, end};
}

void cutover_qemu_rounds(
    const cutover_qemu_inputs *in, const cutover_qemu_constants *constants, size_t count,
    const cutover_qemu_outputs *out) {
  for (size_t i = 0; i < count; ++i) {
    outcome made = {NAN, NAN, NAN, NAN, CUTOVER_NOT_PREDICTED};
    if (!isnan(in->memory[i] + in->bandwidth[i] + in->dirtyRate[i] + in->downtimeLimit[i])) {
      made = migrate(
          in->memory[i], in->used[i], in->bandwidth[i], in->dirtyRate[i], in->workingSet[i],
          in->downtimeLimit[i], in->resumeTime[i], in->pageSize[i], in->limit[i], constants);
    }
    out->totalTime[i] = made.total;
    out->downtime[i] = made.pause;
    out->transferred[i] = made.sent;
    out->rounds[i] = made.rounds;
    out->end[i] = made.end;
  }
}
