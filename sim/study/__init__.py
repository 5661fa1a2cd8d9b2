"""Studies, one file each (run, compare, sweep, check); play/ runs replications, store/ keeps results."""
