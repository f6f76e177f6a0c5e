import CSeccomp

/// What of Landlock the running kernel has (landlock(7)).
package enum LandlockVersion {
    /// The number of its interface; 0 when it has none, or it is switched off.
    package static var supported: Int { max(0, Int(aurora_landlock_abi())) }
}
