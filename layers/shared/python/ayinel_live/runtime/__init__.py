"""The ground floor: errors, time, ids, settings, HTTP and AWS plumbing for every slice."""
