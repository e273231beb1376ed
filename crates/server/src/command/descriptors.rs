//! Open files: the limit of the process is raised as far as it may, and what the server opens is held against it.
use crate::Settings;

/// Files that are open beside connections of clients: those of the database (12 connections to an SQLite file with a log each, and
/// as many as 17 that only read), the calls of webhooks, the connections to the metrics and those that are refused, the standard
/// streams, and what the runtime has.
const RESERVE: u64 = 128;
/// Number of connections, and of sockets, that are let in however low the limit is.
const LEAST: u64 = 8;

/// Raises the limit of open files, and lowers the numbers of connections to what fits in it.
pub(super) fn fit(settings: &mut Settings) {
    let Some(limit) = raised() else { return };
    let (connections, sockets) = (settings.limits.max_connections, settings.sockets.max_sockets);
    let (fitting, fitting_sockets) = fitted(limit, connections, sockets);
    if (fitting, fitting_sockets) == (connections, sockets) {
        return;
    }
    let wanted = wanted(connections, sockets);
    tracing::warn!(
        "this process may open {limit} files, which is too few: --max-connections is {fitting} instead of {connections}, and \
         --max-sockets {fitting_sockets} instead of {sockets}. Raise the hard limit to {wanted} (`ulimit -n {wanted}`; \
         LimitNOFILE= of systemd, --ulimit nofile= of Docker), or lower the settings"
    );
    settings.limits.max_connections = fitting;
    settings.sockets.max_sockets = fitting_sockets;
}

/// Number of files that so many connections need.
fn wanted(connections: usize, sockets: u32) -> u64 {
    u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(sockets.into()).saturating_add(RESERVE)
}

/// The numbers of connections and of sockets that fit in the limit, in the same proportion. An event stream needs one file and has a
/// place among both; a WebSocket leaves the connections when it is open.
fn fitted(limit: u64, connections: usize, sockets: u32) -> (usize, u32) {
    let all = wanted(connections, sockets);
    if all <= limit {
        return (connections, sockets);
    }
    let room = u128::from(limit.saturating_sub(RESERVE));
    let part = u128::from(sockets) * room / u128::from(all - RESERVE).max(1);
    let least = u128::from(LEAST);
    let fits_sockets = part.max(least).min(sockets.into());
    let fits = room.saturating_sub(fits_sockets).max(least);
    let fits = usize::try_from(fits).unwrap_or(usize::MAX).min(connections);
    (fits, u32::try_from(fits_sockets).unwrap_or(sockets))
}

/// The limit of open files, after it was raised; none where there is none.
#[cfg(unix)]
fn raised() -> Option<u64> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    /// Maximum that macOS takes where it says that there is no limit.
    const OPEN_MAX: u64 = 10_240;
    let limits = getrlimit(Resource::Nofile);
    let current = limits.current?;
    let higher = [limits.maximum, limits.maximum.map_or(Some(OPEN_MAX), |hard| Some(hard.min(OPEN_MAX)))];
    for soft in higher {
        if soft.is_none_or(|soft| soft > current)
            && setrlimit(Resource::Nofile, Rlimit { current: soft, maximum: limits.maximum }).is_ok()
        {
            return soft;
        }
    }
    Some(current)
}

/// Other systems have no such limit.
#[cfg(not(unix))]
fn raised() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_sockets_fit_in_the_limit_in_the_same_proportion() {
        assert_eq!(fitted(1 << 20, 4_096, 1_000), (4_096, 1_000));
        assert_eq!(fitted(4_096 + 1_000 + 128, 4_096, 1_000), (4_096, 1_000));
        assert_eq!(fitted(4_096 + 1_000 + 127, 4_096, 1_000), (4_096, 999));
        assert_eq!(fitted(1_024, 4_096, 1_000), (721, 175));
        assert_eq!(fitted(256, 4_096, 1_000), (103, 25));
        assert_eq!(fitted(1_024, usize::MAX, 0), (896, 0));
        assert_eq!(fitted(1_024, 1, u32::MAX), (1, 895));
    }

    #[test]
    fn however_low_the_limit_is_some_are_let_in() {
        for limit in [0, 20, 128, 130] {
            assert_eq!(fitted(limit, 4_096, 1_000), (8, 8), "{limit}");
            assert_eq!(fitted(limit, 4, 2), (4, 2), "{limit}");
        }
    }
}
