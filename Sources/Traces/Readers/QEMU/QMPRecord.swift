import CSimdjson

extension MigrationSample {
  /// A reply of `query-migrate` that was read into a flat record.
  ///
  /// - Parameters:
  ///   - record: of kind `CUTOVER_QMP_MIGRATE`.
  ///   - time: seconds of the envelope's clock.
  init(_ record: cutover_qmp_record, time: Double?) {
    self.init(stage: qmpStage(record.status))
    // Byte by byte instead of through a tuple of 45 numbers.
    withUnsafeBytes(of: record.values) { values in
      func value(_ field: Int) -> Double? {
        let number = values.load(
          fromByteOffset: field * MemoryLayout<Double>.stride, as: Double.self)
        return number.isNaN ? nil : number
      }
      self.time = time
      elapsed = value(CUTOVER_QMP_TOTAL_TIME).map { $0 / 1000 }
      memoryBytes = value(CUTOVER_QMP_RAM_TOTAL)
      pageBytes = value(CUTOVER_QMP_RAM_PAGE_SIZE)
      transferredBytes = value(CUTOVER_QMP_RAM_TRANSFERRED)
      precopyBytes = value(CUTOVER_QMP_RAM_PRECOPY_BYTES)
      downtimeBytes = value(CUTOVER_QMP_RAM_DOWNTIME_BYTES)
      postcopyBytes = value(CUTOVER_QMP_RAM_POSTCOPY_BYTES)
      diskBytes = value(CUTOVER_QMP_DISK_TRANSFERRED)
      normalPages = value(CUTOVER_QMP_RAM_NORMAL)
      zeroPages = value(CUTOVER_QMP_RAM_DUPLICATE)
      dirtySyncs = value(CUTOVER_QMP_RAM_DIRTY_SYNC_COUNT)
      postcopyRequests = value(CUTOVER_QMP_RAM_POSTCOPY_REQUESTS)
      remainingBytes = value(CUTOVER_QMP_RAM_REMAINING)
      dirtyRate = value(CUTOVER_QMP_RAM_DIRTY_PAGES_RATE).map {
        $0 * (pageBytes ?? qemuPageBytes)
      }
      throughput = value(CUTOVER_QMP_RAM_MBPS).map { $0 * bytesPerSecondPerMbit }
      throttle = (value(CUTOVER_QMP_THROTTLE) ?? value(CUTOVER_QMP_X_THROTTLE)).map { $0 / 100 }
      expectedDowntime = value(CUTOVER_QMP_EXPECTED_DOWNTIME).map { $0 / 1000 }
      setupTime = value(CUTOVER_QMP_SETUP_TIME).map { $0 / 1000 }
      downtime = value(CUTOVER_QMP_DOWNTIME).map { $0 / 1000 }
      usesXBZRLE = value(CUTOVER_QMP_XBZRLE_PAGES) ?? 0 > 0
      usesDirtyLimit = value(CUTOVER_QMP_DIRTY_LIMIT_THROTTLE) ?? 0 > 0
      usesMultifd = value(CUTOVER_QMP_RAM_MULTIFD_BYTES) ?? 0 > 0
      usesCompression = value(CUTOVER_QMP_COMPRESSION_PAGES) ?? 0 > 0
    }
    if stage == .completed {
      // Bytes over time, an outcome; and no pages are dirtied after the end.
      throughput = nil
      dirtyRate = nil
    }
  }
}

/// QEMU's page on x86, where a reply (before 2.10) does not give its size.
let qemuPageBytes = 4096.0

/// What one of QEMU's Mbit/s is: 10^6 bits.
let bytesPerSecondPerMbit = 125_000.0

/// The fields that a column of the sample series shows; all others go to `other_fields`.
private let fieldsWithColumns: Set<Int> = [
  CUTOVER_QMP_TOTAL_TIME, CUTOVER_QMP_DOWNTIME, CUTOVER_QMP_EXPECTED_DOWNTIME,
  CUTOVER_QMP_SETUP_TIME, CUTOVER_QMP_THROTTLE, CUTOVER_QMP_X_THROTTLE,
  CUTOVER_QMP_RAM_TRANSFERRED, CUTOVER_QMP_RAM_REMAINING, CUTOVER_QMP_RAM_TOTAL,
  CUTOVER_QMP_RAM_DUPLICATE, CUTOVER_QMP_RAM_NORMAL, CUTOVER_QMP_RAM_DIRTY_PAGES_RATE,
  CUTOVER_QMP_RAM_MBPS, CUTOVER_QMP_RAM_DIRTY_SYNC_COUNT, CUTOVER_QMP_RAM_POSTCOPY_REQUESTS,
  CUTOVER_QMP_RAM_PAGE_SIZE, CUTOVER_QMP_RAM_PRECOPY_BYTES, CUTOVER_QMP_RAM_DOWNTIME_BYTES,
  CUTOVER_QMP_RAM_POSTCOPY_BYTES,
]

/// Every number of a record that no column of the sample series shows, under QEMU's names.
func qmpNumbersWithoutColumn(
  _ record: cutover_qmp_record, sample: MigrationSample
) -> [(key: String, value: JSONValue)] {
  var members: [(key: String, value: JSONValue)] = []
  withUnsafeBytes(of: record.values) { values in
    for field in 0..<qmpNames.count {
      let isHidden =
        !fieldsWithColumns.contains(field)
        || (field == CUTOVER_QMP_EXPECTED_DOWNTIME && sample.precedesFirstEstimate)
        || (sample.stage == .completed
          && (field == CUTOVER_QMP_RAM_MBPS || field == CUTOVER_QMP_RAM_DIRTY_PAGES_RATE))
      let number = values.load(fromByteOffset: field * MemoryLayout<Double>.stride, as: Double.self)
      if isHidden, !number.isNaN { members.append((qmpNames[field], .number(number))) }
    }
  }
  return members
}

/// QEMU's names of the numbers in a record, in its order.
let qmpNames = wordList(cutover_qmp_name)
/// QEMU's words of `status`, in the order of a record.
let qmpStatuses = wordList(cutover_qmp_status_word)
/// Names of the time in an envelope, the preferred first.
let qmpTimeNames = wordList(cutover_qmp_time_name)
/// Names of the machine in an envelope.
let qmpSubjectNames = wordList(cutover_qmp_subject_name)

private func wordList(_ entry: (Int32) -> UnsafePointer<CChar>?) -> [String] {
  var words: [String] = []
  while let word = entry(Int32(words.count)) { words.append(String(cString: word)) }
  return words
}

/// The stage that QEMU's word stands for.
func stageOfQEMU(_ word: String) -> MigrationStage {
  switch word {
  case "none": .idle
  case "setup", "wait-unplug": .setup
  case "active": .precopy
  case "pre-switchover", "device": .switchover
  // The last means that devices are loaded before the guest runs at the destination.
  case "postcopy-active", "postcopy-paused", "postcopy-recover", "postcopy-recover-setup",
    "postcopy-device":
    .postcopy
  case "completed": .completed
  case "failed": .failed
  case "cancelled": .cancelled
  default: .running
  }
}

private let stages: [MigrationStage] = qmpStatuses.map(stageOfQEMU)

private func qmpStage(_ status: Int32) -> MigrationStage {
  stages.indices.contains(Int(status)) ? stages[Int(status)] : .running
}
