//! What a suite says of hosts: which are production, and which are not.

/// What a suite says of hosts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredHosts {
    /// The hosts that are not production, although a variable of a server of the document can give them.
    pub staging: Vec<String>,
    /// The hosts that are production. Then the document's servers are none, except as `refuse_production` says.
    pub production: Vec<String>,
}
