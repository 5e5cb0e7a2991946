import ModelCore

/// The one list of migration models.
public enum ModelCatalogue {
  public static let all: [any MigrationModel.Type] = [
    AkoushAverage.self,
    AkoushBounds.self,
    AkoushHistory.self,
    AldhalaanHot.self,
    AldhalaanHotDeferred.self,
    AldhalaanSaturating.self,
    AldhalaanUniform.self,
    BtrPlaceEstimate.self,
    CerroniParallel.self,
    CerroniSequential.self,
    CerroniSingle.self,
    DirtyCurveModel.self,
    LiuBasic.self,
    LiuCapped.self,
    LiuEnergy.self,
    LiuRefined.self,
    MemoryOverBandwidth.self,
    SkipAware.self,
    RelaxedPrecopy.self,
    QEMUExpectedDowntime.self,
    QEMUPrecopy.self,
    SimGridPrecopy.self,
    StrunkEnergy.self,
    SunMixed.self,
    WuZhao.self,
    ZhangBernoulli.self,
    ZhangDeterministic.self,
    ZhangReciprocal.self,
    ZhangPoisson.self,
  ]

  /// Every id that can be typed, variants included.
  public static let ids: [String] = all.flatMap { type in
    [type.descriptor.id] + (type.hasUsedVariant ? [type.descriptor.id + "+used"] : [])
  }

  /// A model by its id, `+used` for the variant that starts from the used memory.
  ///
  /// - Throws: `ModelError.unknownModel` with the nearest ids, `ModelError.noVariant`,
  ///   `ModelError.unknownParameter`, `ModelError.parameterOutOfDomain`.
  public static func model(
    _ id: String, parameters: [String: Double] = [:]
  ) throws(ModelError) -> any MigrationModel {
    let (type, basis) = try resolve(id)
    return type.init(
      parameters: try ModelParameters(type.descriptor, overriding: parameters), basis: basis)
  }

  /// The type and the basis that an id names.
  public static func resolve(
    _ id: String
  ) throws(ModelError) -> (type: any MigrationModel.Type, basis: MemoryBasis) {
    let parts = id.split(separator: "+", maxSplits: 1, omittingEmptySubsequences: false)
    guard let head = parts.first, let type = all.first(where: { $0.descriptor.id == head }) else {
      throw .unknownModel(id, nearest: nearestWords(to: id, among: ids))
    }
    guard parts.count == 2 else { return (type, .memory) }
    guard parts[1] == "used", type.hasUsedVariant else {
      throw .noVariant(String(parts[1]), model: String(head))
    }
    return (type, .used)
  }
}
