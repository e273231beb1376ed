//! TLS of this process.

/// Chooses the cryptography of all TLS connections of this process that are not the database's; whoever is first decides.
pub fn prepare_tls() {
    let _chosen_before = rustls::crypto::ring::default_provider().install_default();
}
