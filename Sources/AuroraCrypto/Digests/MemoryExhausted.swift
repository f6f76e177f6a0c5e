/// Ends the process because the library had no memory for a fixed-size object, as Swift itself does for its own.
///
/// These calls (`EVP_MD_CTX_new` and friends) have no other way to fail once the algorithm is loaded.
func memoryExhausted(_ operation: String) -> Never {
    preconditionFailure("\(operation): out of memory")
}
