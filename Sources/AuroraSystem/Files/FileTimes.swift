import CShims
import Glibc

/// When a file was last read and last written, as the file system keeps it.
package struct FileTimes: Hashable, Sendable {
    /// A moment: seconds since 1970, negative before, and nanoseconds after them.
    package struct Moment: Hashable, Sendable {
        package let seconds: Int64
        package let nanoseconds: Int64

        init(_ time: timespec) {
            seconds = Int64(time.tv_sec)
            nanoseconds = Int64(time.tv_nsec)
        }

        fileprivate var time: timespec { timespec(tv_sec: Int(seconds), tv_nsec: Int(nanoseconds)) }
    }

    package let accessed: Moment
    package let modified: Moment

    init(_ status: stat) {
        accessed = Moment(status.st_atim)
        modified = Moment(status.st_mtim)
    }

    fileprivate var both: [timespec] { [accessed.time, modified.time] }
}

extension Descriptor {
    /// Sets both times (`futimens(2)`).
    package borrowing func setTimes(_ times: FileTimes) throws(SystemError) {
        try check("futimens", nil) { futimens(rawValue, times.both) }
    }

    /// Sets both times of `name` in this folder, of a link's own where it is one (`utimensat(2)`).
    package borrowing func setTimes(_ times: FileTimes, of name: String) throws(SystemError) {
        try check("utimensat", name) { utimensat(rawValue, name, times.both, AT_SYMLINK_NOFOLLOW) }
    }
}
