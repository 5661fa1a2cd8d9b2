"""sim: does this staffing plan keep its promise in a crisis?"""
