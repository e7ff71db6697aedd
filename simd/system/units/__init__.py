"""simd as a service of the system: what its manager must be told, and telling it.

``systemd`` and ``launchd`` decide, as values of ``plan``, what is to be written and run;
``act`` does it. So what happens on one system can be read and tested on another.
"""
